/** MK02xx lists, MK03xx drivers, MK04xx expansions. */
import type { CodeEntry } from "./entry.ts";

export const nameCodes = {
  MK0201: {
    severity: "error",
    title: "Malformed named list",
    explanation: "A named list is kindlist name = items.",
    example: "domainlist local example.org",
  },
  MK0202: {
    severity: "error",
    title: "Named list defined twice",
    explanation: "Each kind of list has each name once.",
    example: "domainlist a = x\ndomainlist a = y",
  },
  MK0203: {
    severity: "error",
    title: "Faulty list",
    explanation: "An item can never be matched: a bad regular expression, an unknown lookup.",
    example: "domains = ^(",
  },
  MK0204: {
    severity: "error",
    title: "Undefined named list",
    explanation: "+name must be a named list of the kind that is matched here.",
    example: "domains = +locl_domains",
  },
  MK0301: { severity: "error", title: "Unknown driver", explanation: "No driver of this name is installed.", example: "driver = dnslokup" },
  MK0302: {
    severity: "error",
    title: "Line outside of a driver",
    explanation: "Options of drivers follow the line with the instance's name and a colon.",
    example: "begin routers\n  driver = accept",
  },
  MK0303: {
    severity: "error",
    title: "Text after an instance name",
    explanation: "The name stands alone on its line.",
    example: "local: driver = accept",
  },
  MK0304: {
    severity: "error",
    title: "Two instances of one name",
    explanation: "Names are unique among routers, transports and authenticators.",
    example: "local:\n  driver = accept\nlocal:\n  driver = accept",
  },
  MK0305: {
    severity: "error",
    title: "Instance without a driver",
    explanation: "Every instance needs a driver line.",
    example: "local:\n  transport = t",
  },
  MK0306: {
    severity: "error",
    title: "Router without a transport",
    explanation: "This driver accepts addresses and needs to know where they go.",
    example: "local:\n  driver = accept",
  },
  MK0307: {
    severity: "error",
    title: "Router with a transport it cannot have",
    explanation: "redirect makes new addresses and delivers nothing itself.",
    example: "aliases:\n  driver = redirect\n  transport = t",
  },
  MK0308: {
    severity: "error",
    title: "Two servers of one mechanism",
    explanation: "A client could never reach the second.",
    example: "a: public_name = PLAIN ... b: public_name = PLAIN",
  },
  MK0309: {
    severity: "error",
    title: "Shadow of a remote transport",
    explanation: "shadow_transport works with local transports only.",
    example: "remote:\n  driver = smtp\n  shadow_transport = copy",
  },
  MK0310: {
    severity: "error",
    title: "Unknown transport",
    explanation: "The name is none of the transports section, so every delivery would be deferred.",
    example: "transport = remote_smpt",
  },
  MK0311: {
    severity: "error",
    title: "Unknown router",
    explanation: "pass_router and redirect_router name routers.",
    example: "redirect_router = alias",
  },
  MK0312: {
    severity: "error",
    title: "pass_router points upward",
    explanation: "A passed address can only go to a later router.",
    example: "pass_router = first",
  },
  MK0401: {
    severity: "error",
    title: "Faulty expansion",
    explanation: "The string can never be expanded. Exim finds this out when it needs the string.",
    example: "data = ${lookup{$local_part}lsearch{/etc/aliases}",
  },
  MK0417: {
    severity: "warning",
    title: "Tainted text in a file name or command",
    explanation:
      "Text that a client chose may not name a file, a directory or a program. A match against a list, a lookup or check_local_user gives a variable with the same text, checked. The configuration loads, as under Exim; a delivery that comes to such a name is deferred.",
    example: "file = /var/mail/$local_part",
  },
  MK0418: {
    severity: "warning",
    title: "Tainted text in a query",
    explanation:
      "A quote in text that a client chose would end the string of the query and change what is asked. The quote operator of the lookup type makes it harmless.",
    example: "data = ${lookup pgsql{select target from aliases where name='$local_part'}}",
  },
} as const satisfies Record<string, CodeEntry>;
