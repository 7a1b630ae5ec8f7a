/** Variables that speak of the machine, the program, the clock, the configuration, and what items of strings have at hand. The form is explained in `table.ts`. */
export const HOST_VARIABLES = `
bounce_return_size_limit option bounce_return_size_limit, rounded up to thousands
caller_gid real group id of the caller
caller_uid real user id of the caller
compile_date when the program was built
compile_number how often the program was built
config_dir directory of the main configuration file
config_file name of the main configuration file
event_data data of the event that fired
event_defer_errno =0 error number of a deferral event
event_name name of the event that fired
exim_gid group id of the mail user
exim_path path of the program
exim_uid user id of the mail user
exim_version version of the program
initial_cwd directory in which the program was started
inode =0 inode of the file, while directory_file is expanded
item the element at hand of forany, forall, filter, map, reduce and sort
ldap_dn DN of the last entry of an LDAP lookup
load_average load average of the system, times 1000
localhost_number =0 option localhost_number
log_inodes free inodes where logs are written
log_space free kilobytes where logs are written
lookup_dnssec_authenticated yes or no after a DNS lookup: was it authenticated by DNSSEC
n0 counter of filter files
n1 counter of filter files
n2 counter of filter files
n3 counter of filter files
n4 counter of filter files
n5 counter of filter files
n6 counter of filter files
n7 counter of filter files
n8 counter of filter files
n9 counter of filter files
originator_gid $caller_gid when the message was received
originator_uid $caller_uid when the message was received
pid process id
primary_hostname option primary_hostname, or the name of the machine
qualify_domain option qualify_domain
qualify_recipient option qualify_recipient
queue_name name of the queue; empty for the default one
queue_size number of messages in the queue
return_size_limit old name of $bounce_return_size_limit
runrc =0 exit code of the last \${run
smtp_active_hostname name that the server uses in this session
sn0 counter n0 when the system filter ended
sn1 counter n1 when the system filter ended
sn2 counter n2 when the system filter ended
sn3 counter n3 when the system filter ended
sn4 counter n4 when the system filter ended
sn5 counter n5 when the system filter ended
sn6 counter n6 when the system filter ended
sn7 counter n7 when the system filter ended
sn8 counter n8 when the system filter ended
sn9 counter n9 when the system filter ended
spool_directory option spool_directory
spool_inodes free inodes of the spool
spool_space free kilobytes of the spool
tod_bsdinbox date and time as in the From line of a mailbox
tod_epoch seconds since 1970
tod_epoch_l microseconds since 1970
tod_full date and time as in a Date: line
tod_log date and time as in the log
tod_logfile date as yyyymmdd
tod_zone offset of the time zone
tod_zulu date and time in UTC, as in 20030221154023Z
value what a lookup, extract, run, match or reduce has at hand
version_number version of the program
`;
