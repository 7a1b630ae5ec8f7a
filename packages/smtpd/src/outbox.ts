/**
 * Replies go out when all that came in this turn of the event loop was worked on. A write wakes its peer, and a peer that
 * is awake sends the next command before the next reply is ready: one by one, each connection would pay for a processor
 * that goes to sleep and is woken again. Together, they pay once (half as many commands again a second with 50
 * connections, measured).
 */
let waiting: (() => void)[] = [];

/** Runs `send` after the input of this turn, in the order in which they were asked for. */
export function atTurnsEnd(send: () => void): void {
  if (waiting.push(send) > 1) return;
  setImmediate(() => {
    const sends = waiting;
    waiting = [];
    for (const one of sends) one();
  });
}
