/* SPDX-License-Identifier: MIT
 *
 * core/visibility.h - what a public declaration is marked with. */
#ifndef MIO_CORE_VISIBILITY_H
#define MIO_CORE_VISIBILITY_H

/* Everything is compiled hidden; what carries MIO_API is exported. */
#define MIO_API __attribute__((visibility("default")))

/* An ignored result is a lost error: the compiler says so. */
#define MIO_NODISCARD __attribute__((warn_unused_result))

#ifdef __cplusplus
/* What stands between these two has C's linkage in C++, too. */
#define MIO_BEGIN_DECLS extern "C" {
#define MIO_END_DECLS }
#else
/* What stands between these two has C's linkage in C++, too. */
#define MIO_BEGIN_DECLS
#define MIO_END_DECLS
#endif

#endif /* MIO_CORE_VISIBILITY_H */
