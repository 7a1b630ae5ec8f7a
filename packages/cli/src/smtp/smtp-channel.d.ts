declare module "smtp-channel" {
  import type { EventEmitter } from "node:events";
  export class SMTPChannel extends EventEmitter {
    constructor(options: Record<string, unknown>);
    connect(options: { handler?: (line: string) => void; timeout?: number }): Promise<string>;
    write(data: string | Buffer, options: { handler?: (line: string) => void; timeout?: number }): Promise<string>;
    negotiateTLS(options: Record<string, unknown>): Promise<void>;
    close(options?: { timeout?: number }): Promise<void>;
    isSecure(): boolean;
  }
}
