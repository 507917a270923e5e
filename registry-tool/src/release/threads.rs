//! Waiting for many things at once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many files are fetched at once: each thread keeps its connection.
const THREADS: usize = 8;

/// Does `work` on every item, a few at a time. The results are in the order of the items; after an
/// error no further item is begun, and the error of the first item that has one is returned.
pub(super) fn each<T: Sync, R: Send, E: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let turn = || {
        while let number = next.fetch_add(1, Ordering::Relaxed)
            && let Some(item) = items.get(number)
        {
            let result = work(item);
            if result.is_err() {
                next.store(items.len(), Ordering::Relaxed);
            }
            // Nobody panics while holding the lock: pushing is all that is done.
            let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            done.push((number, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..THREADS.min(items.len()) {
            scope.spawn(turn);
        }
        turn();
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_their_order_and_the_first_error_ends_the_work() {
        let items: Vec<u32> = (0..1000).collect();
        let doubled: Result<Vec<u32>, ()> = each(&items, |item| Ok(item * 2));
        assert_eq!(doubled.unwrap(), items.iter().map(|item| item * 2).collect::<Vec<_>>());
        let begun = AtomicUsize::new(0);
        let error = each(&items, |item| {
            begun.fetch_add(1, Ordering::Relaxed);
            if *item < 10 { Ok(()) } else { Err(*item) }
        });
        assert_eq!(error, Err(10));
        assert!(begun.into_inner() < 1000);
        assert_eq!(each(&Vec::<u32>::new(), |_| Err::<(), ()>(())), Ok(vec![]));
    }
}
