// SPDX-License-Identifier: MIT
//
// bench/core/mio/src/main.rs - Rust's mio as a process that does what it is
// told: the same workloads and commands as harness.c. It has no timers.

use std::io::{self, BufRead, Write};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};

const BATCH_MAX: usize = 256;
const SPINS_MAX: u32 = 20000;

type Answer = (i64, i64);

fn read_clock(which: libc::clockid_t) -> i64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(which, &mut now) };
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

fn thread_ns() -> i64 {
    read_clock(libc::CLOCK_THREAD_CPUTIME_ID)
}

fn allowed_cpus() -> Vec<usize> {
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::sched_getaffinity(0, std::mem::size_of_val(&set), &mut set);
        (0..libc::CPU_SETSIZE as usize)
            .filter(|&i| libc::CPU_ISSET(i, &set))
            .collect()
    }
}

fn pin(cpu: usize) {
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut set);
        libc::sched_setaffinity(0, std::mem::size_of_val(&set), &set);
    }
}

fn open_pipe() -> [i32; 2] {
    let mut ends = [0; 2];
    let flags = libc::O_NONBLOCK | libc::O_CLOEXEC;
    let rc = unsafe { libc::pipe2(ends.as_mut_ptr(), flags) };
    assert_eq!(rc, 0, "pipe2");
    ends
}

fn get_byte(fd: i32) -> bool {
    let mut byte = 0u8;
    unsafe { libc::read(fd, (&mut byte as *mut u8).cast(), 1) == 1 }
}

fn put_byte(fd: i32) -> bool {
    unsafe { libc::write(fd, b"x".as_ptr().cast(), 1) == 1 }
}

trait Workload {
    fn run(&mut self, command: &str, n: i64) -> Answer;
}

// --- chain -----------------------------------------------------------------

struct Chain {
    poll: Poll,
    events: Events,
    pipes: Vec<[i32; 2]>,
}

impl Chain {
    fn new(count: usize, active: usize) -> Chain {
        let poll = Poll::new().unwrap();
        let pipes: Vec<_> = (0..count).map(|_| open_pipe()).collect();
        for (i, pipe) in pipes.iter().enumerate() {
            poll.registry()
                .register(&mut SourceFd(&pipe[0]), Token(i), Interest::READABLE)
                .unwrap();
        }
        for i in 0..active {
            assert!(put_byte(pipes[i * count / active][1]));
        }
        let events = Events::with_capacity(BATCH_MAX);
        Chain { poll, events, pipes }
    }

    fn events(&mut self, n: i64) -> Answer {
        let ns = thread_ns();
        let mut done = 0;
        while done < n {
            self.poll.poll(&mut self.events, None).unwrap();
            for event in self.events.iter() {
                let i = event.token().0;
                let next = if i + 1 < self.pipes.len() { i + 1 } else { 0 };
                if !get_byte(self.pipes[i][0]) || !put_byte(self.pipes[next][1])
                {
                    panic!("an event without a byte");
                }
                done += 1;
            }
        }
        (done, thread_ns() - ns)
    }
}

impl Workload for Chain {
    fn run(&mut self, command: &str, n: i64) -> Answer {
        match command {
            "event" => self.events(n),
            "left" => {
                let mut done = 0;
                for pipe in &self.pipes {
                    while get_byte(pipe[0]) {
                        done += 1;
                    }
                }
                (done, 0)
            }
            _ => panic!("no such command: {command}"),
        }
    }
}

// --- registry --------------------------------------------------------------

struct Registrations {
    poll: Poll,
    fds: Vec<i32>,
}

// What the kernel watches by epoll for this process.
fn watched() -> i64 {
    let mut count = 0;
    for entry in std::fs::read_dir("/proc/self/fdinfo").unwrap().flatten() {
        if let Ok(text) = std::fs::read_to_string(entry.path()) {
            count += text.lines().filter(|l| l.starts_with("tfd:")).count();
        }
    }
    count as i64
}

impl Workload for Registrations {
    fn run(&mut self, command: &str, n: i64) -> Answer {
        let count = n as usize;
        let registry = self.poll.registry();
        let ns = thread_ns();
        match command {
            "register" => {
                for (i, fd) in self.fds[..count].iter().enumerate() {
                    registry
                        .register(&mut SourceFd(fd), Token(i), Interest::READABLE)
                        .unwrap();
                }
            }
            "reregister" => {
                for (i, fd) in self.fds[..count].iter().enumerate() {
                    let token = Token(i + count);
                    registry
                        .reregister(&mut SourceFd(fd), token, Interest::READABLE)
                        .unwrap();
                }
            }
            "deregister" => {
                for fd in &self.fds[..count] {
                    registry.deregister(&mut SourceFd(fd)).unwrap();
                }
            }
            "watched" => return (watched(), 0),
            _ => panic!("no such command: {command}"),
        }
        (n, thread_ns() - ns)
    }
}

// --- wake ------------------------------------------------------------------

struct Side {
    poll: Mutex<(Poll, Events)>,
    waker: Waker,
}

struct Wakes {
    sides: Arc<[Side; 2]>,
    cpus: Vec<usize>,
}

impl Side {
    fn new() -> Side {
        let poll = Poll::new().unwrap();
        let waker = Waker::new(poll.registry(), Token(7)).unwrap();
        let events = Events::with_capacity(BATCH_MAX);
        Side { poll: Mutex::new((poll, events)), waker }
    }

    fn wait(poll: &mut Poll, events: &mut Events) -> i64 {
        let mut count = 0;
        while count == 0 {
            poll.poll(events, None).unwrap();
            count += events.iter().count() as i64;
        }
        count
    }
}

fn await_turn(turns_left: &AtomicI64, turn: i64) {
    let mut spins = 0;
    while turns_left.load(Ordering::Acquire) != turn {
        spins += 1;
        if spins > SPINS_MAX {
            thread::yield_now();
        }
    }
}

impl Wakes {
    fn asleep(&self, n: i64) -> Answer {
        let rounds = (n + 1) / 2;
        let (sides, cpu) = (self.sides.clone(), self.cpus[0]);
        let ns = read_clock(libc::CLOCK_PROCESS_CPUTIME_ID);
        let other = thread::spawn(move || {
            pin(cpu);
            let (poll, events) = &mut *sides[1].poll.lock().unwrap();
            for _ in 0..rounds {
                Side::wait(poll, events);
                sides[0].waker.wake().unwrap();
            }
        });
        let (poll, events) = &mut *self.sides[0].poll.lock().unwrap();
        let mut done = 0;
        for _ in 0..rounds {
            self.sides[1].waker.wake().unwrap();
            done += Side::wait(poll, events) + 1;
        }
        other.join().unwrap();
        (done, read_clock(libc::CLOCK_PROCESS_CPUTIME_ID) - ns)
    }

    fn awake(&self, n: i64) -> Answer {
        let turns_left = Arc::new(AtomicI64::new(2 * n + 1));
        let (sides, cpu) = (self.sides.clone(), self.cpus[0]);
        let theirs = turns_left.clone();
        let other = thread::spawn(move || {
            pin(cpu);
            for turn in (1..=n).rev().map(|i| 2 * i) {
                await_turn(&theirs, turn);
                sides[0].waker.wake().unwrap();
                theirs.store(turn - 1, Ordering::Release);
            }
        });
        let (poll, events) = &mut *self.sides[0].poll.lock().unwrap();
        let ns = read_clock(libc::CLOCK_MONOTONIC);
        let mut done = 0;
        turns_left.store(2 * n, Ordering::Release);
        for turn in (1..=n).rev().map(|i| 2 * i - 1) {
            await_turn(&turns_left, turn);
            done += Side::wait(poll, events);
            turns_left.store(turn - 1, Ordering::Release);
        }
        let ns = read_clock(libc::CLOCK_MONOTONIC) - ns;
        other.join().unwrap();
        (done, ns)
    }

    fn own(&self, n: i64) -> Answer {
        let (poll, events) = &mut *self.sides[0].poll.lock().unwrap();
        let ns = thread_ns();
        let mut done = 0;
        for _ in 0..n {
            self.sides[0].waker.wake().unwrap();
            done += Side::wait(poll, events);
        }
        (done, thread_ns() - ns)
    }

    fn coalesced(&self, n: i64) -> Answer {
        let (sides, cpu) = (self.sides.clone(), self.cpus[0]);
        self.sides[0].waker.wake().unwrap();
        let ns = thread::spawn(move || {
            pin(cpu);
            let ns = thread_ns();
            for _ in 0..n {
                sides[0].waker.wake().unwrap();
            }
            thread_ns() - ns
        })
        .join()
        .unwrap();
        let (poll, events) = &mut *self.sides[0].poll.lock().unwrap();
        let seen = Side::wait(poll, events);
        (if seen == 1 { n } else { 0 }, ns)
    }
}

impl Workload for Wakes {
    fn run(&mut self, command: &str, n: i64) -> Answer {
        match command {
            "asleep" => self.asleep(n),
            "awake" => self.awake(n),
            "own" => self.own(n),
            "coalesced" => self.coalesced(n),
            _ => panic!("no such command: {command}"),
        }
    }
}

fn obey(workload: &mut dyn Workload) {
    for line in io::stdin().lock().lines() {
        let line = line.unwrap();
        let (name, n) = line.split_once(' ').expect("COMMAND N");
        let n: i64 = n.parse().expect("a number");
        let answer = match name {
            "nothing" => (n, 0),
            _ => workload.run(name, n),
        };
        println!("{} {}", answer.0, answer.1);
        io::stdout().flush().unwrap();
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| -> usize {
        args.get(i).and_then(|a| a.parse().ok()).expect("a number")
    };
    let cpus = allowed_cpus();
    pin(cpus[cpus.len() - 1]);
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
    }
    let mut workload: Box<dyn Workload> = match args[0].as_str() {
        "chain" => Box::new(Chain::new(number(1), number(2))),
        "registry" => Box::new(Registrations {
            poll: Poll::new().unwrap(),
            fds: (0..number(1)).map(|_| open_pipe()[0]).collect(),
        }),
        "wake" => Box::new(Wakes {
            sides: Arc::new([Side::new(), Side::new()]),
            cpus,
        }),
        _ => {
            println!("skip mio does not do this");
            return;
        }
    };
    println!("ready");
    io::stdout().flush().unwrap();
    obey(workload.as_mut());
}
