//! Ranks as tasks of one thread, which are polled together: for tests and simulations.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::mem;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::{Exchange, ExchangeError, Phase};

/// One of several ranks in this process. When it is dropped, those that wait for it fail.
#[derive(Debug)]
pub struct InProcess {
    rank: usize,
    desk: Rc<RefCell<Desk>>,
}

/// What one rank has sent to another, oldest first.
type Letters = VecDeque<(Phase, Vec<u8>)>;

/// What all ranks share.
#[derive(Debug)]
struct Desk {
    /// What rank `from` has sent to rank `to`, at `[from][to]`.
    letters: Vec<Vec<Letters>>,
    has_left: Vec<bool>,
    waiting: Vec<Waker>,
}

impl Desk {
    fn wake_all(&mut self) {
        mem::take(&mut self.waiting).into_iter().for_each(Waker::wake);
    }

    /// The next letter from one rank to another, if it is there.
    fn take(
        &mut self,
        [from, to]: [usize; 2],
        phase: Phase,
        context: &Context<'_>,
    ) -> Poll<Result<Vec<u8>, ExchangeError>> {
        let failed = |reason: String| Poll::Ready(Err(ExchangeError { rank: from, phase, reason }));
        match self.letters[from][to].pop_front() {
            Some((sent, bytes)) if sent == phase => Poll::Ready(Ok(bytes)),
            Some((sent, _)) => failed(format!("it is in the exchange of {sent}")),
            None if self.has_left[from] => failed("it has left the run".to_owned()),
            None => {
                self.waiting.push(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl InProcess {
    /// All ranks of a run, so many.
    pub fn together(count: usize) -> Vec<Self> {
        let letters = vec![vec![VecDeque::new(); count]; count];
        let desk = Rc::new(RefCell::new(Desk { letters, has_left: vec![false; count], waiting: Vec::new() }));
        (0..count).map(|rank| Self { rank, desk: Rc::clone(&desk) }).collect()
    }
}

impl Exchange for InProcess {
    fn rank(&self) -> usize {
        self.rank
    }

    fn ranks(&self) -> usize {
        self.desk.borrow().has_left.len()
    }

    async fn all_to_all(&self, phase: Phase, parts: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, ExchangeError> {
        {
            let mut desk = self.desk.borrow_mut();
            let letters = desk.letters[self.rank].iter_mut().zip(parts);
            letters.for_each(|(letters, bytes)| letters.push_back((phase, bytes)));
            desk.wake_all();
        }
        let mut received = Vec::new();
        for from in 0..self.ranks() {
            let way = [from, self.rank];
            received.push(poll_fn(|context| self.desk.borrow_mut().take(way, phase, context)).await?);
        }
        Ok(received)
    }

    async fn all_gather(&self, phase: Phase, bytes: Vec<u8>) -> Result<Vec<Vec<u8>>, ExchangeError> {
        self.all_to_all(phase, vec![bytes; self.ranks()]).await
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        let mut desk = self.desk.borrow_mut();
        desk.has_left[self.rank] = true;
        desk.wake_all();
    }
}
