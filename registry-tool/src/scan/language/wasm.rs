//! WebAssembly, as a table: what it can import from the standard interfaces.

use super::Language;

/// The table.
pub static WASM: Language = Language {
    name: "wasm",
    global: "wasm",
    is_global: |_| false,
    items_are_attributes: false,
    has_tables: false,
    shares_globals: false,
    binds_in_order: true,
    function_maker: None,
    intrinsics: &[],
    method: |_, _| None,
    attribute: |_| None,
    candidates: |_, _, _| Vec::new(),
};

/// Functions of WASI preview 1, all there are.
#[rustfmt::skip]
const PREVIEW_1: &[&str] = &[
    "args_get", "args_sizes_get", "clock_res_get", "clock_time_get", "environ_get",
    "environ_sizes_get", "fd_advise", "fd_allocate", "fd_close", "fd_datasync", "fd_fdstat_get",
    "fd_fdstat_set_flags", "fd_fdstat_set_rights", "fd_filestat_get", "fd_filestat_set_size",
    "fd_filestat_set_times", "fd_pread", "fd_prestat_dir_name", "fd_prestat_get", "fd_pwrite",
    "fd_read", "fd_readdir", "fd_renumber", "fd_seek", "fd_sync", "fd_tell", "fd_write",
    "path_create_directory", "path_filestat_get", "path_filestat_set_times", "path_link", "path_open",
    "path_readlink", "path_remove_directory", "path_rename", "path_symlink", "path_unlink_file",
    "poll_oneoff", "proc_exit", "proc_raise", "random_get", "sched_yield", "sock_accept", "sock_recv",
    "sock_send", "sock_shutdown",
];

/// Interfaces of components whose functions rules are about, or that are harmless as a whole.
#[rustfmt::skip]
const INTERFACES: &[&str] = &[
    "wasi:cli/environment", "wasi:cli/exit", "wasi:cli/run", "wasi:cli/stderr", "wasi:cli/stdin",
    "wasi:cli/stdout", "wasi:cli/terminal-input", "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr", "wasi:cli/terminal-stdin", "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock", "wasi:clocks/timezone", "wasi:clocks/wall-clock",
    "wasi:config/runtime", "wasi:config/store", "wasi:filesystem/preopens", "wasi:filesystem/types",
    "wasi:http/outgoing-handler", "wasi:http/types", "wasi:io/error", "wasi:io/poll",
    "wasi:io/streams", "wasi:logging/logging", "wasi:random/insecure", "wasi:random/insecure-seed",
    "wasi:random/random", "wasi:sockets/instance-network", "wasi:sockets/ip-name-lookup",
    "wasi:sockets/network", "wasi:sockets/tcp", "wasi:sockets/tcp-create-socket", "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
];

/// Modules whose functions rules are about, as a whole.
const MODULES: &[&str] = &["wasix_32v1", "wasix_64v1"];

/// Tells whether it is known what an import does.
pub(crate) fn is_known(module: &str, name: &str) -> bool {
    match module {
        "wasi_snapshot_preview1" | "wasi_unstable" => PREVIEW_1.contains(&name),
        _ => INTERFACES.contains(&module) || MODULES.contains(&module),
    }
}
