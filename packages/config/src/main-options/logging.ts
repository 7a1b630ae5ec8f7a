/** Main options: logs and events. Manual chapters "Log files", "Events". */
import { option } from "@mailkit/sdk";

const { boolean, expanded, integer, string } = option;

export const logOptions = {
  log_file_path: expanded({ doc: "Where logs go: a path with %s for main, reject, panic, or syslog." }),
  log_selector: string({ doc: "What is logged: +name and -name." }),
  log_timezone: boolean({ doc: "Put the time zone into log lines." }),
  log_ports: string({ doc: "Ports that are logged.", missing: { how: "warn", why: "use log_selector = +incoming_port +outgoing_port" } }),
  slow_lookup_log: integer({
    doc: "Log lookups that take longer than this many milliseconds; 0 = none.",
    missing: { how: "warn", why: "mailkit session and route show what a lookup took" },
  }),
  syslog_duplication: boolean({ default: true, doc: "A panic or reject line goes to syslog once for each log." }),
  syslog_facility: string({ doc: "Facility of syslog lines." }),
  syslog_pid: boolean({ default: true, doc: "Process ids in syslog lines." }),
  syslog_processname: string({ default: "exim", doc: "Name of the program in syslog lines." }),
  syslog_timestamp: boolean({ default: true, doc: "Time stamps in syslog lines." }),
  write_rejectlog: boolean({ default: true, doc: "Keep the rejectlog." }),
  event_action: expanded({ doc: "Expanded for each event, with $event_name.", missing: { how: "warn", why: "no events are raised" } }),
};
