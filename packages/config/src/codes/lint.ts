/** MK07xx: legal, and probably not what was meant. */
import type { CodeEntry } from "./entry.ts";

export const lintCodes = {
  MK0701: {
    severity: "warning",
    title: "Router condition that is always true",
    explanation:
      "A router takes every text but the empty one, 0, no and false for true, so text beside the ${if} makes the condition hold always.",
    example: "condition = ${if eq{$domain}{a}{yes}{no}} {x}",
  },
  MK0702: {
    severity: "warning",
    title: "Host list that stops at a host without a name",
    explanation:
      "An item that needs the client's name ends the whole list for clients without one. Put addresses first, or +ignore_unknown.",
    example: "hosts = *.example.org : 192.0.2.1",
  },
  MK0703: {
    severity: "warning",
    title: ".ifdef that is true for a part of the word",
    explanation: "Macro names match as substrings, so the name of another macro inside the word decides.",
    example: "TLS = yes\n.ifdef TLS_PORT",
  },
  MK0704: {
    severity: "warning",
    title: "IPv6 address in a list with colons",
    explanation: "Colons separate items unless they are doubled. Begin the list with <; to use semicolons.",
    example: "hosts = 2001:db8::1 : 192.0.2.1",
  },
  MK0705: {
    severity: "warning",
    title: "Open relay",
    explanation: "Any host can send to any domain: a statement of acl_smtp_rcpt accepts without a condition on host, recipient or login.",
    example: "check_rcpt:\n  accept",
  },
  MK0706: {
    severity: "warning",
    title: "Name never used",
    explanation: "A named list, transport, ACL or macro to which nothing refers.",
    example: "domainlist unused = example.org",
  },
  MK0710: {
    severity: "warning",
    title: "No ACL for RCPT",
    explanation: "Without acl_smtp_rcpt every recipient is refused.",
    example: "# no acl_smtp_rcpt",
  },
  MK0711: {
    severity: "warning",
    title: "No retry rule for every error",
    explanation: "Addresses without a rule bounce at the first temporary error. End the section with * * and steps.",
    example: "begin retry\nexample.org * F,2d,1h",
  },
  MK0712: {
    severity: "warning",
    title: "Retry rule that is never reached",
    explanation: "A rule before it takes every address and error.",
    example: "* * F,1d,1h\nexample.org * F,2d,1h",
  },
  MK0731: {
    severity: "warning",
    title: "Router that is never reached",
    explanation: "A router before it takes every address, or stops the search (no_more) for all that it does not take.",
    example: "catchall:\n  driver = accept\n  transport = t\nlater:\n  driver = accept",
  },
} as const satisfies Record<string, CodeEntry>;
