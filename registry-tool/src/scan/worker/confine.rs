//! Giving up what the worker does not need.
//!
//! | what | by |
//! |---|---|
//! | memory, processor time, size and number of files | resource limits |
//! | opening, creating and changing files, TCP | Landlock |
//! | every system call that is not on a short list | seccomp |
//!
//! seccomp is the wall: Landlock alone leaves `stat`, UDP and sockets of Unix. Where the kernel or
//! the system lacks one of them, the description that the report shows says so.

/// What the worker may use up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    /// Bytes of memory.
    pub(super) memory: usize,
    /// Seconds of processor time.
    pub(super) seconds: u64,
}

impl Allowance {
    /// Memory besides the stack and the package itself, in bytes.
    const MEMORY: usize = 1 << 30;
    /// Seconds of processor time, before the size of the package counts.
    const SECONDS: u64 = 30;

    /// Returns what a package of `total` bytes may use up.
    pub(super) fn of(stack: usize, total: usize) -> Self {
        let memory = Self::MEMORY.saturating_add(stack).saturating_add(total.saturating_mul(16));
        let megabytes = u64::try_from(total >> 20).unwrap_or(u64::MAX);
        let seconds = Self::SECONDS.saturating_add(megabytes.saturating_mul(2));
        Self { memory, seconds }
    }
}

/// Confines this process, and says how.
#[cfg(not(target_os = "linux"))]
pub(super) fn confine(_allowance: Allowance) -> String {
    "in a process of its own; without limits, Landlock and seccomp, which only Linux has".to_owned()
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
        BpfProgram, SeccompAction, SeccompFilter, SeccompRule, apply_filter_all_threads,
    };

    use super::Allowance;

    /// Confines this process, and says how. To be called from the thread that does the work:
    /// Landlock holds for it alone, all else for every thread there is.
    pub(in super::super) fn confine(allowance: Allowance) -> String {
        let walls = [
            (limit(allowance), "limited memory and processor time"),
            (landlock(), "no files (Landlock)"),
            (limit_files(), "no further files"),
            (seccomp(), "no system calls beyond memory and pipes (seccomp)"),
        ];
        let list = |stands: bool| {
            let walls = walls.iter().filter(move |(found, _)| *found == stands);
            walls.map(|(_, name)| format!(", {name}")).collect::<String>()
        };
        let missing = list(false);
        let missing = missing.strip_prefix(", ").map(|list| format!("; MISSING: {list}"));
        format!("in a process of its own{}{}", list(true), missing.unwrap_or_default())
    }

    fn set(resource: Resource, soft: u64, hard: u64) -> bool {
        setrlimit(resource, Rlimit { current: Some(soft), maximum: Some(hard) }).is_ok()
    }

    fn limit(allowance: Allowance) -> bool {
        let memory = u64::try_from(allowance.memory).unwrap_or(u64::MAX);
        let seconds = allowance.seconds;
        let limits = [
            (Resource::As, memory, memory),
            // The soft limit says what it was; the hard one leaves no trace.
            (Resource::Cpu, seconds, seconds.saturating_add(1)),
            (Resource::Fsize, 0, 0),
            (Resource::Core, 0, 0),
        ];
        limits.into_iter().all(|(resource, soft, hard)| set(resource, soft, hard))
    }

    /// After Landlock, which needs a descriptor to be set up.
    fn limit_files() -> bool {
        set(Resource::Nofile, 3, 3)
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
        filter().is_some_and(|program| apply_filter_all_threads(&program).is_ok())
    }

    /// Reading, writing, memory and time, but neither threads nor processes. All else fails with
    /// "not permitted".
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
        ];
        let rules: BTreeMap<i64, Vec<SeccompRule>> =
            allowed.into_iter().map(|call| (call, Vec::new())).collect();
        let refused = SeccompAction::Errno(u32::try_from(libc::EPERM).ok()?);
        let machine = std::env::consts::ARCH.try_into().ok()?;
        let filter = SeccompFilter::new(rules, refused, SeccompAction::Allow, machine).ok()?;
        filter.try_into().ok()
    }
}
