/* SPDX-License-Identifier: MIT
 *
 * bazel/ck/ck_pr.h - stand-in for Concurrency Kit's ck_pr.h under
 * ThreadSanitizer (--define=ck=shim).
 *
 * CK writes its primitives in inline assembly, which TSan cannot see: every
 * hand-over through a CK structure looks like a race to it. Here the same
 * primitives are made of compiler builtins, so TSan models the hand-over and
 * still finds unsynchronised access to what was handed over.
 *
 * It is stronger than the original: every load acquires, every store
 * releases. So it says nothing about whether our fences are in the right
 * place; that is the work of the models in tests/.
 *
 * Only the primitives that ring, fifo, stack, spinlocks and our own code use
 * are here; what is missing fails to compile, it is never wrong. */
#ifndef CK_PR_H
#define CK_PR_H

#include <ck_cc.h>
#include <ck_limits.h>
#include <ck_md.h>
#include <ck_stdbool.h>
#include <ck_stdint.h>

#define CK_F_PR

CK_CC_INLINE static void ck_pr_barrier(void)
{
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

CK_CC_INLINE static void ck_pr_stall(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#else
    ck_pr_barrier();
#endif
}

/* A store followed by a load needs a real fence, but TSan does not know
 * __atomic_thread_fence and gcc warns of it. A read-modify-write of a local is
 * one too, and unlike one of a shared word it joins no two threads. */
CK_CC_INLINE static void ck_pr_stand_in_fence(void)
{
    int here = 0;
    __atomic_fetch_add(&here, 1, __ATOMIC_SEQ_CST);
}

#define CK_STAND_IN_FENCE(name)                                                \
    CK_CC_INLINE static void ck_pr_fence_strict_##name(void)                   \
    {                                                                          \
        ck_pr_stand_in_fence();                                                \
    }                                                                          \
    CK_CC_INLINE static void ck_pr_fence_##name(void)                          \
    {                                                                          \
        ck_pr_stand_in_fence();                                                \
    }

CK_STAND_IN_FENCE(atomic)
CK_STAND_IN_FENCE(atomic_atomic)
CK_STAND_IN_FENCE(atomic_load)
CK_STAND_IN_FENCE(atomic_store)
CK_STAND_IN_FENCE(store_atomic)
CK_STAND_IN_FENCE(load_atomic)
CK_STAND_IN_FENCE(load)
CK_STAND_IN_FENCE(load_load)
CK_STAND_IN_FENCE(load_store)
CK_STAND_IN_FENCE(load_depends)
CK_STAND_IN_FENCE(store)
CK_STAND_IN_FENCE(store_store)
CK_STAND_IN_FENCE(store_load)
CK_STAND_IN_FENCE(memory)
CK_STAND_IN_FENCE(acquire)
CK_STAND_IN_FENCE(release)
CK_STAND_IN_FENCE(acqrel)
CK_STAND_IN_FENCE(lock)
CK_STAND_IN_FENCE(unlock)

/* One integer type: S is CK's suffix, T the type. */
#define CK_STAND_IN_INTEGER(S, T)                                              \
    CK_CC_INLINE static T ck_pr_md_load_##S(const T *p)                        \
    {                                                                          \
        return __atomic_load_n(p, __ATOMIC_ACQUIRE);                           \
    }                                                                          \
    CK_CC_INLINE static void ck_pr_md_store_##S(T *p, T v)                     \
    {                                                                          \
        __atomic_store_n(p, v, __ATOMIC_RELEASE);                              \
    }                                                                          \
    CK_CC_INLINE static T ck_pr_fas_##S(T *p, T v)                             \
    {                                                                          \
        return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);                    \
    }                                                                          \
    CK_CC_INLINE static bool ck_pr_cas_##S##_value(T *p, T old, T set, T *was) \
    {                                                                          \
        bool done = __atomic_compare_exchange_n(                               \
            p, &old, set, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);          \
        *was = old;                                                            \
        return done;                                                           \
    }                                                                          \
    CK_CC_INLINE static bool ck_pr_cas_##S(T *p, T old, T set)                 \
    {                                                                          \
        return __atomic_compare_exchange_n(                                    \
            p, &old, set, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);          \
    }                                                                          \
    CK_CC_INLINE static T ck_pr_faa_##S(T *p, T v)                             \
    {                                                                          \
        return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST);                     \
    }                                                                          \
    CK_CC_INLINE static void ck_pr_add_##S(T *p, T v)                          \
    {                                                                          \
        __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST);                            \
    }                                                                          \
    CK_CC_INLINE static void ck_pr_sub_##S(T *p, T v)                          \
    {                                                                          \
        __atomic_fetch_sub(p, v, __ATOMIC_SEQ_CST);                            \
    }                                                                          \
    CK_CC_INLINE static void ck_pr_or_##S(T *p, T v)                           \
    {                                                                          \
        __atomic_fetch_or(p, v, __ATOMIC_SEQ_CST);                             \
    }                                                                          \
    CK_CC_INLINE static void ck_pr_and_##S(T *p, T v)                          \
    {                                                                          \
        __atomic_fetch_and(p, v, __ATOMIC_SEQ_CST);                            \
    }                                                                          \
    CK_CC_INLINE static void ck_pr_xor_##S(T *p, T v)                          \
    {                                                                          \
        __atomic_fetch_xor(p, v, __ATOMIC_SEQ_CST);                            \
    }                                                                          \
    CK_CC_INLINE static void ck_pr_inc_##S(T *p)                               \
    {                                                                          \
        __atomic_fetch_add(p, 1, __ATOMIC_SEQ_CST);                            \
    }                                                                          \
    CK_CC_INLINE static void ck_pr_dec_##S(T *p)                               \
    {                                                                          \
        __atomic_fetch_sub(p, 1, __ATOMIC_SEQ_CST);                            \
    }                                                                          \
    CK_CC_INLINE static bool ck_pr_dec_##S##_is_zero(T *p)                     \
    {                                                                          \
        return __atomic_sub_fetch(p, 1, __ATOMIC_SEQ_CST) == 0;                \
    }                                                                          \
    CK_CC_INLINE static void ck_pr_dec_##S##_zero(T *p, bool *zero)            \
    {                                                                          \
        *zero = ck_pr_dec_##S##_is_zero(p);                                    \
    }

CK_STAND_IN_INTEGER(char, char)
CK_STAND_IN_INTEGER(int, int)
CK_STAND_IN_INTEGER(uint, unsigned int)
CK_STAND_IN_INTEGER(8, uint8_t)
CK_STAND_IN_INTEGER(16, uint16_t)
CK_STAND_IN_INTEGER(32, uint32_t)
CK_STAND_IN_INTEGER(64, uint64_t)

/* Pointers. CK takes void * for "pointer to any pointer type". */
CK_CC_INLINE static void *ck_pr_md_load_ptr(const void *p)
{
    return __atomic_load_n((void *const *)p, __ATOMIC_ACQUIRE);
}

CK_CC_INLINE static void ck_pr_md_store_ptr(void *p, const void *v)
{
    __atomic_store_n((const void **)p, v, __ATOMIC_RELEASE);
}

CK_CC_INLINE static void *ck_pr_fas_ptr(void *p, void *v)
{
    return __atomic_exchange_n((void **)p, v, __ATOMIC_SEQ_CST);
}

CK_CC_INLINE static bool ck_pr_cas_ptr_value(void *p, void *old, void *set,
                                             void *was)
{
    bool done = __atomic_compare_exchange_n((void **)p, &old, set, false,
                                            __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    *(void **)was = old;
    return done;
}

CK_CC_INLINE static bool ck_pr_cas_ptr(void *p, void *old, void *set)
{
    return __atomic_compare_exchange_n((void **)p, &old, set, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* Code of CK's users names the macros without _md_. */
#define ck_pr_load_ptr(p) ((__typeof__(*(p)))ck_pr_md_load_ptr(p))
#define ck_pr_store_ptr(p, v) ck_pr_md_store_ptr((p), (v))
#define ck_pr_store_ptr_unsafe(p, v) ck_pr_md_store_ptr((p), (v))
#define ck_pr_load_char(p) ck_pr_md_load_char(p)
#define ck_pr_store_char(p, v) ck_pr_md_store_char((p), (v))
#define ck_pr_load_int(p) ck_pr_md_load_int(p)
#define ck_pr_store_int(p, v) ck_pr_md_store_int((p), (v))
#define ck_pr_load_uint(p) ck_pr_md_load_uint(p)
#define ck_pr_store_uint(p, v) ck_pr_md_store_uint((p), (v))
#define ck_pr_load_8(p) ck_pr_md_load_8(p)
#define ck_pr_store_8(p, v) ck_pr_md_store_8((p), (v))
#define ck_pr_load_16(p) ck_pr_md_load_16(p)
#define ck_pr_store_16(p, v) ck_pr_md_store_16((p), (v))
#define ck_pr_load_32(p) ck_pr_md_load_32(p)
#define ck_pr_store_32(p, v) ck_pr_md_store_32((p), (v))
#define ck_pr_load_64(p) ck_pr_md_load_64(p)
#define ck_pr_store_64(p, v) ck_pr_md_store_64((p), (v))

/* CK's headers ask with these which structures they can offer. */
#define CK_F_PR_LOAD_PTR
#define CK_F_PR_STORE_PTR
#define CK_F_PR_CAS_PTR
#define CK_F_PR_CAS_PTR_VALUE
#define CK_F_PR_FAS_PTR
#define CK_F_PR_LOAD_UINT
#define CK_F_PR_STORE_UINT
#define CK_F_PR_CAS_UINT
#define CK_F_PR_CAS_UINT_VALUE
#define CK_F_PR_FAS_UINT
#define CK_F_PR_FAA_UINT
#define CK_F_PR_LOAD_32
#define CK_F_PR_STORE_32
#define CK_F_PR_CAS_32
#define CK_F_PR_FAS_32
#define CK_F_PR_FAA_32
#define CK_F_PR_LOAD_64
#define CK_F_PR_STORE_64
#define CK_F_PR_CAS_64
#define CK_F_PR_FAS_64
#define CK_F_PR_FAA_64

#undef CK_STAND_IN_FENCE
#undef CK_STAND_IN_INTEGER

#endif /* CK_PR_H */
