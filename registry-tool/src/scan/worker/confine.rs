//! Giving up what the worker does not need.
//!
//! | what | by |
//! |---|---|
//! | memory, processor time, size and number of files | resource limits |
//! | opening, creating and changing files, TCP | Landlock |
//! | every system call that is not on a short list | seccomp |
//!
//! seccomp is the wall: Landlock alone leaves `stat`, UDP and sockets of Unix. What the kernel does
//! not have is missing from the description that the report shows.

/// Confines this process, and says how.
#[cfg(not(target_os = "linux"))]
pub(super) fn confine(_stack: usize, _total: usize) -> String {
    "in a process of its own".to_owned()
}

#[cfg(target_os = "linux")]
pub(super) use self::linux::confine;

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;

    use landlock::{
        ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetStatus,
    };
    use rustix::process::{Resource, Rlimit, setrlimit};
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, apply_filter,
    };

    /// Memory besides the stack and the package itself, in bytes.
    const MEMORY: usize = 1 << 30;
    /// Seconds of processor time, and how many more for each MiB.
    const SECONDS: u64 = 30;

    /// Confines this process, and says how.
    pub(in super::super) fn confine(stack: usize, total: usize) -> String {
        let mut walls = vec!["in a process of its own"];
        if limit(stack, total) {
            walls.push("limited memory and processor time");
        }
        if landlock() {
            walls.push("no files (Landlock)");
        }
        if limit_files() {
            walls.push("no further files");
        }
        if seccomp() {
            walls.push("no system calls beyond memory and pipes (seccomp)");
        }
        walls.join(", ")
    }

    fn set(resource: Resource, value: u64) -> bool {
        setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) }).is_ok()
    }

    fn limit(stack: usize, total: usize) -> bool {
        let memory = MEMORY.saturating_add(stack).saturating_add(total.saturating_mul(16));
        let megabytes = u64::try_from(total >> 20).unwrap_or(u64::MAX);
        let is_memory = set(Resource::As, u64::try_from(memory).unwrap_or(u64::MAX));
        let is_time = set(Resource::Cpu, SECONDS.saturating_add(megabytes.saturating_mul(2)));
        let is_size = set(Resource::Fsize, 0);
        let is_core = set(Resource::Core, 0);
        is_memory && is_time && is_size && is_core
    }

    /// After Landlock, which needs a descriptor to be set up.
    fn limit_files() -> bool {
        set(Resource::Nofile, 3)
    }

    fn landlock() -> bool {
        let rules = Ruleset::default()
            .handle_access(AccessFs::from_all(ABI::V5))
            .and_then(|rules| rules.handle_access(AccessNet::from_all(ABI::V5)))
            .and_then(Ruleset::create);
        let status = rules.and_then(landlock::RulesetCreated::restrict_self);
        status.is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
    }

    fn seccomp() -> bool {
        let programs = (without_clone3(), filter());
        let (Some(first), Some(second)) = programs else { return false };
        apply_filter(&first).is_ok() && apply_filter(&second).is_ok()
    }

    /// `clone3` hides its flags. The C library does without it where it does not exist.
    fn without_clone3() -> Option<BpfProgram> {
        let rules = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
        let missing = SeccompAction::Errno(u32::try_from(libc::ENOSYS).ok()?);
        let machine = std::env::consts::ARCH.try_into().ok()?;
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, missing, machine).ok()?;
        filter.try_into().ok()
    }

    /// Reading, writing, memory, threads and time. All else fails with "not permitted".
    fn filter() -> Option<BpfProgram> {
        let allowed = [
            libc::SYS_read,
            libc::SYS_readv,
            libc::SYS_write,
            libc::SYS_writev,
            libc::SYS_close,
            libc::SYS_fstat,
            libc::SYS_lseek,
            libc::SYS_ppoll,
            libc::SYS_mmap,
            libc::SYS_munmap,
            libc::SYS_mprotect,
            libc::SYS_mremap,
            libc::SYS_madvise,
            libc::SYS_brk,
            libc::SYS_futex,
            libc::SYS_exit,
            libc::SYS_exit_group,
            libc::SYS_rt_sigaction,
            libc::SYS_rt_sigprocmask,
            libc::SYS_rt_sigreturn,
            libc::SYS_sigaltstack,
            libc::SYS_sched_yield,
            libc::SYS_sched_getaffinity,
            libc::SYS_getrandom,
            libc::SYS_clock_gettime,
            libc::SYS_clock_nanosleep,
            libc::SYS_nanosleep,
            libc::SYS_gettid,
            libc::SYS_getpid,
            libc::SYS_tgkill,
            libc::SYS_set_robust_list,
            libc::SYS_rseq,
            libc::SYS_restart_syscall,
            libc::SYS_clone3,
        ];
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            allowed.into_iter().map(|call| (call, Vec::new())).collect();
        // Threads, but no processes.
        let flag = u64::try_from(libc::CLONE_THREAD).ok()?;
        let thread =
            SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(flag), flag);
        rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![thread.ok()?]).ok()?]);
        // To name threads and their memory, not to change what the process may do.
        let name = u64::try_from(libc::PR_SET_NAME).ok()?;
        let name = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, name);
        rules.insert(libc::SYS_prctl, vec![SeccompRule::new(vec![name.ok()?]).ok()?]);
        let refused = SeccompAction::Errno(u32::try_from(libc::EPERM).ok()?);
        let machine = std::env::consts::ARCH.try_into().ok()?;
        let filter = SeccompFilter::new(rules, refused, SeccompAction::Allow, machine).ok()?;
        filter.try_into().ok()
    }
}
