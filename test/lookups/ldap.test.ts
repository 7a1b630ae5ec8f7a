/** The ldap lookups against a real slapd. What Exim 4.96 answers to the same queries stands here. */
import test from "ava";
import type { ExecutionContext } from "ava";
import { join } from "node:path";
import { makeFileService } from "../../packages/lookups/src/index.ts";
import { ldapDrivers } from "../../plugins/lookup-ldap/src/index.ts";
import { startSlapd } from "../support/databases.ts";
import { lookupBench } from "../support/lookup-bench.ts";
import { ROOT } from "../support/program.ts";
import { needs, run } from "../support/programs.ts";

const ENTRIES = String.raw`dn: o=base
objectClass: top
objectClass: organization
o: base

dn: uid=fred,o=base
objectClass: inetOrgPerson
uid: fred
cn: Fred, "the" \Great
cn: Freddy
sn: Flint
mail: fred@test.ex
mail: f@test.ex
description:: bGluZTEKbGluZTIsw6k=
userPassword: pebbles

dn: uid=wilma,o=base
objectClass: inetOrgPerson
uid: wilma
cn: Wilma
sn: Flint
title: Mrs.
jpegPhoto:: AP+A

dn: uid=ba\,rney,o=base
objectClass: inetOrgPerson
uid: ba,rney
cn: Barney  R
sn: Rubble
`;

const FRED = 'Fred,, "the" \\Great,Freddy';
const FRED_QUOTED = 'cn="Fred,, \\"the\\" \\\\Great,Freddy"';

/** Type, what follows `ldap:///`, answer. */
const ANSWERS: readonly (readonly [string, string, string])[] = [
  ["ldap", "o=base?cn?sub?(uid=fred)", `= ${FRED}`],
  ["ldap", "o=base?cn,mail,nosuch?sub?(uid=fred)", `= ${FRED_QUOTED} mail="fred@test.ex,f@test.ex"`],
  ["ldap", "o=base??one?(uid=ba%5C2Crney)", '= objectClass="inetOrgPerson" uid="ba,,rney" cn="Barney  R" sn="Rubble"'],
  ["ldap", "o=base?name?sub?(uid=wilma)", "= Wilma,Flint,Mrs."],
  ["ldap", "o=base?description?sub?(uid=fred)", "= line1\nline2,,\xc3\xa9"],
  ["ldap", "o=base?description,uid?sub?(uid=fred)", '= uid="fred" description="line1\\nline2,,\xc3\xa9"'],
  ["ldap", "o=base?uid?sub?(description=*\\C3\\A9)", "= fred"],
  ["ldap", "o=base?uid?sub?(cn=Fred%2C%20%22the%22%20%5C5CGreat)", "= fred"],
  ["ldap", "o=base?jpegPhoto?sub?(uid=wilma)", "= \0\xff\x80"],
  ["ldap", "o=base?nosuch?sub?(uid=fred)", "not found"],
  ["ldap", "o=base?1.1?sub?(uid=fred)", "not found"],
  ["ldap", "o=base?cn?sub?(uid=nobody)", "not found"],
  ["ldap", "o=nobase?cn?sub?(uid=fred)", "not found"],
  ["ldap", "uid=fred,o=base?cn", `= ${FRED}`],
  ["ldap", "o=base?cn?sub?uid=fred", `= ${FRED}`],
  ["ldap", "o=base?cn?sub?(sn=flint)", "defer: LDAP search: more than one entry (2) was returned (filter not specific enough?)"],
  ["ldap", "o=base?cn?sub?(uid=fred", "defer: ldap_search failed: -7, Bad search filter"],
  ["ldap", "o=base?cn?foo?(uid=fred)", 'defer: ldap_url_parse: bad scope "foo" in "ldap:///o=base?cn?foo?(uid=fred)"'],
  ["ldapm", "o=base?cn,sn?sub?(sn=flint)", `= ${FRED_QUOTED} sn="Flint"\ncn="Wilma" sn="Flint"`],
  ["ldapm", "o=base?mail?sub?(uid=*)", "= fred@test.ex,f@test.ex\n\n"],
  ["ldapm", "o=base?sn?sub?(objectClass=*)", "= Flint\nFlint\nRubble"],
  ["ldapdn", "o=base?1.1?sub?(uid=fred)", "= uid=fred,o=base"],
  ["ldapdn", "o=base??sub?(sn=rubble)", "= uid=ba\\2Crney,o=base"],
  ["ldapdn", "o=base??sub?(sn=flint)", "defer: LDAP search: more than one entry (2) was returned (filter not specific enough?)"],
];

const PROGRAMS = ["slapd", "slapadd", "ldapsearch"];
const AS_FRED = 'user="uid=fred,o=base" pass=pebbles';
const CN = "o=base?cn?sub?(uid=fred)";

needs(test, ...PROGRAMS)("ldap: answers, settings, servers", async (t) => {
  const server = await startSlapd(t, ENTRIES);
  const name = `${server.address}::${server.port}`;
  const bench = lookupBench(t, ldapDrivers(), { ldap_default_servers: name });
  const ask = (query: string, type = "ldap") => bench.ask(type, query);
  for (const [type, query, answer] of ANSWERS) t.is(await bench.ask(type, `ldap:///${query}`), answer, `${type} ${query}`);
  t.is(bench.scope.frame.items.get("ldap_dn")?.text, "uid=ba\\2Crney,o=base");

  t.is(await ask(`${AS_FRED} ldap:///${CN}`), `= ${FRED}`);
  t.is(
    await ask(`USER="uid=fred,o%3Dbase" PASS="peb\\x62les" nettime=5 time=5 dereference=never referrals=nofollow ldap:///${CN}`),
    `= ${FRED}`,
  );
  t.is(await ask("size=1 ldap:///o=base?uid?sub?(sn=flint)", "ldapm"), "= fred");
  t.regex(await ask(`user="uid=fred,o=base" pass=bad ldap:///${CN}`), /^defer: failed to bind .* LDAP error 49: Invalid credentials$/);

  t.is(await ask(`ldapi://${encodeURIComponent(server.socket)}/${CN}`), `= ${FRED}`);
  t.is(await ask(`servers=${server.socket} ldap:///${CN}`), `= ${FRED}`);
  t.is(await ask(`servers=${server.address}::1:${name} ldap:///${CN}`), `= ${FRED}`);
  t.is(await ask(`ldapi://localhost/${CN}`), 'defer: ldapi requires an absolute path ("localhost" given)');
  t.regex(await ask(`ldap://${server.address}:1/${CN}`), /^defer: failed to bind the LDAP connection .*ECONNREFUSED/);

  const many = await Promise.all(Array.from({ length: 40 }, (_, i) => ask(`ldap:///o=base?uid?sub?(%26(uid=fred)(!(cn=${i})))`)));
  t.true(many.every((answer) => answer === "= fred"));
  await server.stop();
  t.regex(await ask("ldap:///o=base?sn?sub?(uid=fred)"), /^defer: /);
  await server.start();
  t.is(await ask("ldap:///o=base?sn?sub?(uid=fred)"), "= Flint");
  await checkPasswords(t, bench, server);

  const line = `\${lookup ldap{servers=${server.socket} ldap:///o=base?uid?sub?(sn=rubble)}} \${if ldapauth{${AS_FRED} ldap:///}{y}{n}}`;
  const argv = ["exim", "-C", "/dev/null", "-D", "X=", "-be", line.replace("ldap:///}", `ldap://${server.address}:${server.port}/}`)];
  t.is(
    (
      await run(
        `${ROOT}/node_modules/.bin/mailkit`,
        argv.filter((word) => word !== "-D" && word !== "X="),
      )
    ).stdout,
    "ba,,rney y\n",
  );
});

/** The condition ldapauth: a server that cannot be asked is not a wrong password. */
async function checkPasswords(t: ExecutionContext, bench: ReturnType<typeof lookupBench>, server: { address: string }): Promise<void> {
  const check = (query: string) => bench.lookups.authenticate?.("ldap", { text: query, tainted: true }, bench.scope);
  t.deepEqual(await check(`${AS_FRED} ldap:///`), { kind: "accepted" });
  t.deepEqual(await check('user="uid=fred,o=base" pass=bad ldap:///'), { kind: "refused" });
  t.deepEqual(await check('user="uid=nobody,o=base" pass=x ldap:///'), { kind: "refused" });
  t.deepEqual(await check('user="uid=fred,o=base" pass="" ldap:///'), { kind: "refused" });
  t.like(await check('user="uid=fred,o=base" ldap:///'), { kind: "defer" });
  t.like(await check("user=baddn pass=x ldap:///"), { kind: "defer" });
  t.like(await check(`${AS_FRED} ldap://${server.address}:1/`), { kind: "defer" });
}

needs(
  test,
  ...PROGRAMS,
  "openssl",
)("ldap: TLS", async (t) => {
  const server = await startSlapd(t, ENTRIES, { tls: true });
  const plain = `ldap://${server.address}:${server.port}/${CN}`;
  const secure = `ldaps://${server.address}:${server.tlsPort}/${CN}`;
  const trusted = { ldap_ca_cert_file: join(server.folder, "cert.pem") };
  const ask = (query: string, settings: Readonly<Record<string, string>>) =>
    lookupBench(t, ldapDrivers(), settings, { files: makeFileService() }).ask("ldap", query);
  t.is(await ask(secure, trusted), `= ${FRED}`);
  t.is(await ask(secure, { ldap_require_cert: "never" }), `= ${FRED}`);
  t.regex(await ask(secure, {}), /^defer: failed to bind .*certificate/);
  t.is(await ask(plain, { ...trusted, ldap_start_tls: "yes" }), `= ${FRED}`);
  t.regex(await ask(plain, { ldap_start_tls: "yes" }), /^defer: failed to bind .*certificate/, "never in clear text instead");
  t.regex(await ask(secure, { ldap_ca_cert_file: "/nowhere" }), /^defer: ldap_ca_cert_file: \/nowhere: /);
});
