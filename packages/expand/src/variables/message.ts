/** Variables that speak of the message and its envelope. The form is explained in `table.ts`. */
export const MESSAGE_VARIABLES = `
body_linecount lines of the body
body_zerocount binary zeros in the body
bounce_recipient recipient of a bounce that is being made
headers_added header lines that ACLs have added so far
local_scan_data text that local_scan() returned
max_received_linelength octets of the longest line received
message_age seconds since the message was received
message_body !beginning of the body, line ends as spaces
message_body_end !end of the body, line ends as spaces
message_body_size octets of the body
message_exim_id id of the message in queue and logs
message_headers !all header lines, decoded
message_headers_raw !all header lines, as received
message_id old name of $message_exim_id
message_linecount lines of header and body
message_size octets of the message; SIZE before it has come; -1 unknown
message_smtputf8 =no yes when the message needs SMTPUTF8
received_count Received: lines of the message, with this host's own
received_for !the recipient, when there is only one
received_ip_address local address of the incoming connection
received_port local port of the incoming connection
received_protocol protocol by which the message came
received_time seconds since 1970 when the message was received
recipients !envelope recipients, separated by comma and space
recipients_count number of envelope recipients
recipients_list !envelope recipients as a list
reply_address !Reply-To: if there is one, else From:
thisaddress !address at hand of foranyaddress in a filter
warn_message_delay how long the message has been delayed, in a delay warning
warn_message_recipient old name of $warn_message_recipients
warn_message_recipients recipients of a delay warning
warnmsg_delay old name of $warn_message_delay
warnmsg_recipient old name of $warn_message_recipients
warnmsg_recipients old name of $warn_message_recipients
`;
