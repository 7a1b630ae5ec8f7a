/** Variables that speak of an address on its way: routing and delivery. The form is explained in `table.ts`. */
export const ADDRESS_VARIABLES = `
address_data value of the router option address_data, seen by later routers and the transport
address_file !file that a redirection asked for, while its transport runs
address_pipe !command that a redirection asked for, while its transport runs
domain !domain of the address being worked on
domain_data what the domain matched in a list or lookup: the validated form of $domain
home home directory of the local user, or the one that the router or transport sets
host name of the host that a transport talks to
host_address address of the host that a transport talks to
host_data what a hosts condition found in a lookup
host_port =0 port of the host that a transport talks to
local_part !local part of the address being worked on
local_part_data what the local part matched in a list or lookup: the validated form of $local_part
local_part_prefix !prefix that the router took off
local_part_prefix_v !the part of the prefix that a wildcard stands for
local_part_suffix !suffix that the router took off
local_part_suffix_v !the part of the suffix that a wildcard stands for
local_user_gid =4294967295 group id of the local user that check_local_user found
local_user_uid =4294967295 user id of the local user that check_local_user found
mailstore_basename name of the file of a mailstore delivery
original_domain !domain of the top-level address
original_local_part !local part of the top-level address, affixes included
parent_domain !domain of the address that a redirection made this one from
parent_local_part !local part of the address that a redirection made this one from
return_path !return path of this delivery
router_name name of the router that runs
self_hostname host that turned out to be this one (self = pass)
sending_ip_address local address of an outgoing connection
sending_port =-1 local port of an outgoing connection
transport_name name of the transport that runs
`;
