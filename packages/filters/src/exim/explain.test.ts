/** `exim -bf -v`: what Exim 4.96 tells of conditions, and how it indents the parts of mail. */
import test from "ava";
import { testOutput } from "../test-support.ts";

const CASES: readonly (readonly [string, readonly string[]])[] = [
  [
    "if a is a then if b is c then else testprint z endif endif",
    ["Testprint: z", " Condition is true: a is a ", "   Condition is false: b is c "],
  ],
  [
    "if a is b or (c is d and e is f) then elif not personal then endif",
    [
      " Sub-condition is false: a is b ",
      " Sub-condition is false: c is d ",
      " Sub-condition is false: c is d and e is f ",
      " Condition is false: a is b or c is d and e is f ",
      "   Condition is false: not personal ",
    ],
  ],
  [
    "if 1 is above 2 or 1 is not below 2 or error_message or first_delivery then endif",
    [
      " Sub-condition is false: 1 above 2 ",
      " Sub-condition is false: 1 not below 2 ",
      " Sub-condition is false: 1 above 2 or 1 not below 2 ",
      " Sub-condition is false: error_message ",
      " Sub-condition is false: (1 above 2 or 1 not below 2) or error_message ",
      " Sub-condition is true: first_delivery ",
      " Condition is true: ((1 above 2 or 1 not below 2) or error_message) or first_delivery ",
    ],
  ],
  [
    "if abc begins ABC and abc ENDS c and abc does not CONTAIN b then endif",
    [
      " Sub-condition is true: abc begins ABC ",
      " Sub-condition is true: abc ENDS c ",
      " Sub-condition is false: abc does not CONTAIN b ",
      " Sub-condition is false: abc ENDS c and abc does not CONTAIN b ",
      " Condition is false: abc begins ABC and abc ENDS c and abc does not CONTAIN b ",
    ],
  ],
  [
    "if a MATCHES b or a does not match b then endif",
    [
      " Match expanded arguments:",
      "   Subject = a",
      "   Pattern = b",
      " Sub-condition is false: a MATCHES b ",
      " Match expanded arguments:",
      "   Subject = a",
      "   Pattern = b",
      " Sub-condition is true: a does not match b ",
      " Condition is true: a MATCHES b or a does not match b ",
    ],
  ],
  [
    "if not (a is b and c is d) and not foranyaddress x@y (q is r) then endif",
    [
      " Sub-condition is false: a is b ",
      " Sub-condition is true: not (a is b and c is d) ",
      " Extracted address x@y",
      " Sub-condition is false: q is r ",
      " Sub-condition is true: not foranyaddress x@y (q is r) ",
      " Condition is true: not (a is b and c is d) and not foranyaddress x@y (q is r) ",
    ],
  ],
  [
    "if a is a and (b is c or c is c) then vacation endif",
    [
      "Mail to: <default> (vacation)",
      "  subject: On vacation",
      "     file: .vacation.msg (expanded)",
      "      log: .vacation.log",
      "     once: .vacation",
      "once_repeat: 7d",
      " Sub-condition is true: a is a ",
      " Sub-condition is false: b is c ",
      " Sub-condition is true: c is c ",
      " Sub-condition is true: b is c or c is c ",
      " Condition is true: a is a and (b is c or c is c) ",
    ],
  ],
  [
    "if not error_message and not (personal or delivered) and not 1 is above 2 then endif",
    [
      " Sub-condition is true: not error_message ",
      " Sub-condition is true: personal ",
      " Sub-condition is false: not (personal or delivered) ",
      " Sub-condition is false: not (personal or delivered) and 1 not above 2 ",
      " Condition is false: not error_message and not (personal or delivered) and 1 not above 2 ",
    ],
  ],
];

for (const [text, lines] of CASES) {
  test(text, (t) => {
    const shown = testOutput(text, { verbose: true }).split("\n");
    t.deepEqual(
      shown.filter((line) => line !== "" && !/^(?:Filtering did not|Normal delivery)/.test(line)),
      [...lines],
    );
  });
}
