export type { Pop3Listener, Pop3Server } from "./listen.ts";
export { startPop3 } from "./listen.ts";
export type { Pop3Effect, Pop3Message, Pop3State, Pop3Step } from "./machine.ts";
export { encrypted, loggedIn, newPop3State, step, updated } from "./machine.ts";
export type { Mailbox, MailboxLocation, MailboxOpened } from "./mailbox.ts";
export { openMaildir } from "./maildir.ts";
export { openMbox } from "./mbox.ts";
export type { Pop3Deps } from "./session.ts";
