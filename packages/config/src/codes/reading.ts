/** MK00xx: files, macros, conditionals, sections. */
import type { CodeEntry } from "./entry.ts";

export const readingCodes = {
  MK0001: {
    severity: "error",
    title: "Malformed macro definition",
    explanation:
      "A line of the main part that begins with a capital letter defines a macro and needs NAME = text. Options are written in lower case.",
    example: "LOCAL_DOMAINS example.org",
  },
  MK0002: {
    severity: "error",
    title: "Macro defined twice, or changed before it exists",
    explanation: "NAME = text defines a macro once; NAME == text changes one that exists.",
    example: "DIR = /a\nDIR = /b",
  },
  MK0003: {
    severity: "error",
    title: "Macro name holds the name of an earlier macro",
    explanation:
      "Macro names match anywhere in a line, so the earlier macro would be replaced inside the new name. Define the longer name first.",
    example: "HOST = a\nHOST_LIST = b",
  },
  MK0004: {
    severity: "error",
    title: ".ifdef without .endif",
    explanation: "A conditional block is still open at the end of the configuration.",
    example: ".ifdef X\nqueue_only",
  },
  MK0005: {
    severity: "error",
    title: "Directive without .ifdef",
    explanation: ".else, .elifdef, .elifndef and .endif belong to an .ifdef or .ifndef before them.",
    example: ".endif",
  },
  MK0006: {
    severity: "error",
    title: ".include without a file",
    explanation: "The directive needs the path of a file.",
    example: ".include",
  },
  MK0007: {
    severity: "error",
    title: ".include_if_exists with a relative path",
    explanation: "Only .include takes a path relative to the directory of the including file.",
    example: ".include_if_exists local.conf",
  },
  MK0008: {
    severity: "error",
    title: "Includes in a circle, too deep or too many",
    explanation:
      "A file includes itself, directly or through others, includes are nested deeper than 64, or there are more than 10000 files or 64 MiB " +
      "in all.",
    example: ".include /etc/mailkit/this-file.conf",
  },
  MK0009: {
    severity: "error",
    title: "Included file cannot be read",
    explanation: "The file does not exist or may not be read.",
    example: ".include /no/such/file",
  },
  MK0010: {
    severity: "error",
    title: "Byte order mark",
    explanation:
      "The file begins with the octets EF BB BF, which some editors add. They are no part of the language. FF FE and FE FF stand for UTF-16, " +
      "which is not read at all.",
    example: "(invisible) primary_hostname = a.example",
  },
  MK0011: {
    severity: "error",
    title: "No configuration file",
    explanation: "The configuration file does not exist or cannot be read.",
    example: "mailkit check -C /no/such/file",
  },
  MK0012: {
    severity: "error",
    title: "Unknown section",
    explanation: "Sections are acl, routers, transports, retry, rewrite, authenticators, local_scan.",
    example: "begin filters",
  },
  MK0013: {
    severity: "error",
    title: "Section stands twice",
    explanation: "Each section may occur once.",
    example: "begin acl\nbegin acl",
  },
  MK0014: {
    severity: "warning",
    title: "local_scan section",
    explanation: "mailkit has no local_scan function; the section is passed over.",
    example: "begin local_scan",
  },
  MK0015: {
    severity: "error",
    title: "NUL octet",
    explanation:
      "A line ends at an octet of value 0, and what follows it in the line is lost, as in Exim. The file is damaged or is no text.",
    example: "smtp_banner = (octet 0) mx.example.org",
  },
  MK0016: {
    severity: "error",
    title: "Line too long",
    explanation:
      "A line has more than 4194304 characters, its continuation lines and the text of its macros included. Macros that hold each other " +
      "several times grow without end.",
    example: "hostlist blocked = 192.0.2.1 : 192.0.2.2 : (and so on)",
  },
} as const satisfies Record<string, CodeEntry>;
