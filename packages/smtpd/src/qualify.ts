/** A local part alone as the address that it stands for (manual, options qualify_recipient and qualify_domain). */
import type { Session } from "./session-state.ts";

export function qualifiedRecipient({ deps }: Session, localPart: string): string {
  const { settings } = deps;
  const domain = settings.text("qualify_recipient") ?? settings.text("qualify_domain") ?? settings.text("primary_hostname") ?? "";
  return `${localPart}@${domain}`;
}
