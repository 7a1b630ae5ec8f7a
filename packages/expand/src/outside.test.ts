import test from "ava";
import { clean } from "@mailkit/sdk";
import type { RunRequest, Scope, SocketRequest } from "@mailkit/sdk";
import { compile } from "./template.ts";
import { expand, world } from "./test-support.ts";

const files = { "/f": "a: 1\nwild: card\nb: x y", "/rf": "abc\n123\n\nxyz\n" };
const acls = {
  yes: { kind: "accept", message: "fine", logMessage: undefined },
  no: { kind: "deny", message: undefined, logMessage: undefined },
  wait: { kind: "defer", message: "" },
  drop: { kind: "drop", message: undefined, logMessage: undefined },
} as const;
const lists = {
  "domain:d": "*.aa.bb : ^\\Nxxx(.*)",
  "domain:e": "+d : ;;",
  "domain:f": "<; a ; b;;c ; +e ; 2001:db8::1 ;",
  "host:h": "1.2.3.4",
};

const rows: readonly (readonly [source: string, expected: string])[] = [
  ["${lookup{a}lsearch{/f}}", "1"],
  ["${lookup{b}lsearch{/f}{[$value]}{none}}", "[x y]"],
  ["${lookup{z}lsearch{/f}{[$value]}{none$value}}", "none"],
  ["${lookup{z}lsearch{/f}{y}fail}", 'Forced: "lookup" failed and "fail" requested'],
  ["${lookup{wild}partial-lsearch{/f}{$1-$2-$value}}$1", "w-ild-card"],
  ["${lookup{z}lsearch{/gone}{y}{n}}", "Failed: failed to open /gone for linear search: No such file or directory"],
  ["${lookup{/d}lsearch{/f}{y}{n}}", "Failed: /d is not a regular file (lsearch lookup)"],
  ["${lookup{down}lsearch{/f}{y}{n}}", 'Failed: lookup of "down" gave DEFER: the server is away'],
  ["${lookup{x}nosuch{/x}}", 'Failed: unknown lookup type "nosuch"'],
  ["${lookup lsearch{/x}}", 'Failed: missing {key} for single-key "lsearch" lookup'],
  ["${lookup{x}q{/x}}", 'Failed: a single key was given for lookup type "q", which is not a single-key lookup type'],
  ["${quote_q:it's}", "it''s"],
  ["${quote_lsearch:it's}", "it's"],
  ["${quote_q_foo:a}", 'Failed: "foo" unrecognized'],
  ["${if ldapauth{good}{y}{n}}${if ldapauth{bad}{y}{n}}", "yn"],
  ["${if ldapauth{down}{y}{n}}", "Failed: the server is away"],
  ["${quote_xxx:a}", 'Failed: unknown lookup type "xxx"'],
  ["${readfile{/rf}}", "abc\n123\n\nxyz\n"],
  ["${readfile{/rf}{:}}", "abc:123::xyz:"],
  ["${readfile{/gone}}", "Failed: failed to open /gone: No such file or directory"],
  ["${if exists{/rf}{y}{n}}${if exists{/gone}{y}{n}}", "yn"],
  ["${stat:/rf}", "mode=0644 smode=-rw-r--r-- inode=7 device=0 links=1 uid=0 gid=8 size=3 atime=2 mtime=1 ctime=3"],
  ["${stat:/gone}", "Failed: stat(/gone) failed: No such file or directory"],
  ["${acl{yes}{x}}", "fine"],
  ["${acl{no}}", ""],
  ["${acl{wait}}", 'Forced: DEFER from acl "wait"'],
  ["${acl{drop}}", 'Failed: DROP from acl "drop"'],
  ["${acl{nosuch}}", 'Failed: ERROR from acl "nosuch"'],
  ["${if acl{{yes}}{Y:$value}{N:$value}}$value", "Y:fine"],
  ["${if acl{{no}{x}}{Y:$value}{N:$value}}", "N:"],
  ["${if acl{{wait}}{y}{n}}", 'Forced: DEFER from acl "wait"'],
  ["${listnamed:d}", "*.aa.bb : ^\\Nxxx(.*)"],
  ["${listnamed:+d}", "*.aa.bb : ^\\Nxxx(.*)"],
  ["${listnamed:f}", "a : b;c : *.aa.bb : ^\\Nxxx(.*) : ;; : 2001::db8::::1"],
  ["${listnamed_d:h}", 'Failed: "h" is not a domain named list'],
  ["${listnamed:x}", 'Failed: "x" is not a named list'],
  ["${listnamed_z:d}", 'Failed: bad suffix on "list" operator'],
  ["${if match_domain{b}{a:b}{$value}{n}}", "b"],
  ["${if match_ip{1.2.3.4}{1.2.3.4}{y}{n}}", "y"],
  ["${map{1.2.3.4}{${if match_ip{1.2.3.4}{$item}{y}{n}}}}", "y"],
  ["${map{1.2.3.4}{${if match_domain{1.2.3.4}{$item}{y}{n}}}}", "n"],
  ["${if match_ip{name}{1.2.3.4}{y}{n}}", 'Failed: "name" is not an IP address'],
  ["${env{ USER }}${env{NONE}{y}{n}}", "men"],
  ["${randint:5}${randint:0}", "40"],
  ["${if pam{a:b}{y}{n}}", 'Failed: support for "pam" not compiled'],
  ["${perl{x}}", 'Failed: "perl" encountered, but this facility is not included in this binary'],
  ["${if saslauthd{{a}{b}}{y}{n}}", "Failed: cannot connect to saslauthd daemon at /var/run/saslauthd/mux: No such file or directory"],
  ["${readsocket{/s}{q}}", "Failed: failed to connect to socket /s: No such file or directory"],
  ["${readsocket{/s}{q}{1s}{}{instead}}", "instead"],
  ["${prvs{a@b}{k}{0}}", "prvs=0788b908fd=a@b"],
  ["${prvscheck{prvs=0788b908fd=a@b}{k}{$prvscheck_address $prvscheck_keynum $prvscheck_result}}$prvscheck_address", "a@b 0 1"],
  ["${prvscheck{prvs=0788b908fd=a@b}{x}{[$prvscheck_result]}}", "[]"],
  ["${prvscheck{prvs=0780b908fd=a@b}{k}}$prvscheck_result", "a@b"],
  ["${prvscheck{a@b}{k}{y}}", ""],
  ["${srs_encode{s}{a@b}{c.d}}", "SRS0=ec60=jn=b=a@c.d"],
  ["${srs_encode{SECRET}{User@Example.com}{fwd.org}}", "SRS0=b2e3=jn=Example.com=User@fwd.org"],
  ["${srs_encode{s}{}{c.d}}", ""],
  ["${if inbound_srs{SRS0=ec60=jn=b=a}{s}{$srs_recipient}{n}}", "a@b"],
  ["${if inbound_srs{SRS0=ec60=jd=b=a}{s}{$srs_recipient}{n}}", "a@b"],
  ["${if inbound_srs{SRS0=ec60=jc=b=a}{s}{$srs_recipient}{n}}", "n"],
  ["${if inbound_srs{SRS0=ec61=jn=b=a}{s}{$srs_recipient}{n}}", "n"],
  ["${if inbound_srs{SRS0=0000=jn=b=a=c}{}{$srs_recipient}{n}}", "a=c@b"],
];
for (const [source, expected] of rows) {
  test(source, async (t) => {
    const settings = { environment: new Map([["USER", "me"]]) };
    t.is(await expand(source, world({ files, acls, lists, settings })), expected);
  });
}

test("run cuts words before it expands them", async (t) => {
  const seen: (readonly string[])[] = [];
  const run = (request: RunRequest) => {
    seen.push(request.argv);
    return { kind: "exited", code: 0, output: Buffer.from("out\n") } as const;
  };
  const scope = world({ run, variables: { domain: clean("a b"), host: clean("") } });
  t.is(await expand(`\${run{/bin/x $domain "$host" 'it  is' \\$}{<$value>}{n}}$runrc`, scope), "<out\n>0");
  t.deepEqual(seen.pop(), ["/bin/x", "a b", "", "it  is", "$"]);
  await expand("${run,preexpand{/bin/x $domain $host y}}", scope);
  t.deepEqual(seen.pop(), ["/bin/x", "a", "b", "y"]);
});

function exits(code: number): Scope {
  return world({ run: () => ({ kind: "exited", code, output: Buffer.from("why") }) });
}

test("run: exit codes, signals, what cannot start", async (t) => {
  t.is(await expand("${run{/bin/x}{y}{n$runrc:$value}}", exits(3)), "n3:why");
  t.is(await expand("${run{/bin/x}{y}fail}", exits(1)), 'Forced: "run" failed and "fail" requested');
  t.is(await expand("${run{/bin/x}{y}{$runrc}}"), "127");
  t.is(await expand("${run{}}x$runrc", exits(3)), "x0");
  const signalled = world({ run: () => ({ kind: "signalled", signal: "SIGKILL", number: 9, output: Buffer.alloc(0) }) });
  t.is(await expand("${run{/bin/x}{y}{n}}", signalled), "Failed: command killed by signal 9");
  t.regex(
    (await expand("${run{/bin/x ${if eq{a}{a}{b c}}}}")) as string,
    /^Failed: Expansion of "\$\{if" from command "\/bin\/x \$\{if eq\{a\}\{a\}\{b c\}\}" in \$\{run\} expansion failed/,
  );
});

test("readsocket: request, options, line ends, cache", async (t) => {
  const seen: SocketRequest[] = [];
  const exchange = (request: SocketRequest) => {
    seen.push(request);
    return { kind: "reply", octets: Buffer.from("one\ntwo\n") } as const;
  };
  const scope = world({ exchange });
  t.is(await expand("${readsocket{inet:[::1]:99}{ask\\n}{3s:shutdown=no}{*}}", scope), "one*two*");
  t.like(seen[0], { target: { host: "::1", port: 99 }, timeout: 3000, halfClose: false, tls: false });
  t.is(seen[0]?.send.toString(), "ask\n");
  await expand("${readsocket{/s}{x}{1s:cache=yes}}${readsocket{/s}{x}{1s:cache=yes}}", scope);
  t.is(seen.length, 2, "the second time it is remembered");
  t.like(seen[1], { target: { path: "/s" }, halfClose: true });
  t.is(await expand("${readsocket{/s}{x}{1s:colour=red}}", scope), 'Failed: bad option "colour=red" for readsocket');
});

test("crypteq knows the passwords of mailkit's own users", async (t) => {
  // Test vector of phc-winner-argon2: argon2id, version 19, t = 2, 64 MiB, one lane.
  const stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  const variables = { host: clean(stored) };
  t.is(await expand("${if crypteq{password}{$host}{y}{n}}", world({ variables })), "y");
  t.is(await expand("${if crypteq{Password}{$host}{y}{n}}", world({ variables })), "n");
  t.is(await expand("${if crypteq{password}{\\$argon2id\\$nonsense}{y}{n}}", world({})), "n");
});

test("crypteq: digests here, crypt() through perl with nothing secret among its arguments", async (t) => {
  const rows: readonly (readonly [string, string])[] = [
    ["{md5}CY9rzUYh03PK3k6DJie09g==", "y"],
    ["{MD5}098f6bcd4621d373cade4e832627b4f6", "y"],
    ["{sha1}a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", "y"],
    ["{sha1}A94A8FE5CCB19BA61C4C0873D391E987982FBBD3", "y"],
    ["{md5}098f", "n"],
    ["{foo}a", 'Failed: unknown encryption mechanism in "{foo}a"'],
    ["", "n"],
  ];
  for (const [stored, expected] of rows) {
    t.is(await expand("${if crypteq{test}{$host}{y}{n}}", world({ variables: { host: clean(stored) } })), expected, stored);
  }
  const seen: RunRequest[] = [];
  const run = (request: RunRequest) => {
    seen.push(request);
    return { kind: "exited", code: 0, output: Buffer.from("$1$ab$hash") } as const;
  };
  const stored = (text: string) => world({ run, variables: { host: clean(text) } });
  t.is(await expand("${if crypteq{test}{$host}{y}{n}}", stored("$1$ab$hash")), "y");
  t.is(await expand("${if crypteq{test}{$host}{y}{n}}", stored("{crypt16}$1$ab$other")), "n");
  t.deepEqual(
    seen.map((request) => request.stdin?.toString()),
    ["0\0$1$ab$hash\0test", "1\0$1$ab$other\0test"],
  );
  t.false(seen.some((request) => request.argv.join(" ").includes("$1$ab")));
});

test("filters of users are locked out", async (t) => {
  const settings = { forbidden: new Set(["run", "readfile", "lookup", "exists", "stat", "readsocket", "perl", "dlfunc"]) };
  const scope = world({ settings, files });
  t.is(await expand("${run{/bin/x}}", scope), "Failed: running a command is not permitted");
  t.is(await expand("${readfile{/rf}}", scope), "Failed: file insertions are not permitted");
  t.is(await expand("${lookup{a}lsearch{/f}}", scope), "Failed: lookup expansions are not permitted");
  t.is(await expand("${if exists{/f}}", scope), "Failed: File existence tests are not permitted");
  t.is(await expand("${if eq{a}{b}{${run{/bin/x}}}{ok}}", scope), "ok", "what is not chosen is not run");
});

test("authresults", async (t) => {
  const facts = {
    sender_host_address: clean("1.2.3.4"),
    sender_host_name: clean("h.n"),
    sender_host_authenticated: clean("plain"),
    authenticated_id: clean("a b"),
  };
  t.is(await expand("${authresults{me}}"), "Authentication-Results: me");
  t.is(
    await expand("${authresults{me}}", world({ variables: facts })),
    'Authentication-Results: me;\n\tiprev=pass (h.n) smtp.remote-ip=1.2.3.4;\n\tauth=pass (plain) smtp.auth="a b"',
  );
  const local = { received_protocol: clean("local"), authenticated_id: clean("fred") };
  t.is(await expand("${authresults{me}}", world({ variables: local })), "Authentication-Results: me;\n\tlocal=pass (non-smtp, me) u=fred");
});

test("expanding what is expanded has an end", async (t) => {
  t.regex(
    (await expand(
      "${expand:${lookup{a}lsearch{/loop}}}",
      world({ files: { "/loop": "a: ${expand:${lookup{a}lsearch{/loop}}}" } }),
    )) as string,
    /too many strings expanded inside each other/,
  );
});

test("a lookup that waits defers; one whose file cannot be opened is an error", (t) => {
  const failure = (source: string): object => compile(source).evaluate(world({ files, acls, lists }));
  t.like(failure("${lookup{down}lsearch{/f}}"), { kind: "error", defer: true });
  t.like(failure("${lookup{z}lsearch{/gone}}"), { kind: "error", defer: false });
});
