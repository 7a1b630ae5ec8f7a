/** A file that `mdb_load` made: a = "1", b = "two words", big = 5000 times "y", key1 to key250 = "v"; compressed. */
import { gunzipSync } from "node:zlib";

const COMPRESSED = [
  "H4sICEApBWsCA2Z5AO2df2iTdx7H0yfJk+f7W3aliIgMGUFEjjzf52flkCESZMghImHIGLticrs7OcWTjIkMKVJkiIiMcEgZ5ShlFJFDJBSRIUOCyJBDJMgho4iEIcMTke",
  "AfnpzXpm0+n9txO6mQss/rjz75pC28+i186Tfv95NmMkt4Cx+/u/6Pr4cy/axbvnjvrnwGfs3K7P7osyuPnN71Zu+aR9/nZAiCIAiCIAiCIAiCWG2GVun8v3Ru5+hZfO5f",
  "uv6zd2Xo+7L0KyEIgiAIgiAIgiCIVcfpe3QvM8675qH5m/nG7DKx2WI2GGle6if6gb6rW/qKmdOzelKf1Sf1UX1QV/RuvV3PmG16k16nHf1MddQ9dUtdU5fUn82UOq9Oqb",
  "r6WB1Qe9QOVVKb1edmWLnquXwk78vb8rq8LKdlQ54wp+VxeUh+KPfKnTKURblecvlH80I8FvPijrghmuIrcUGcEZ+Jj8wRMSb2i7JIxVaxUWiREU/5PvOQt/lNfpVf5F/y",
  "c3yc02+WIAiCIAhiUFlMiPKZP1Q/HU3q/VMMpghMIZgCMFkw+WAq9U/pKJhSMAGXFLikwCUFLilwSYFLClxS4JIAlwS4JMAlAS4JcEmASwJcEuCSAJcEuMTAJQYuMXCJgU",
  "sMXGLgEgOXGLjEwCUGLhFwiYBLBFwi4BIBlwi4RMAlAi4RcImASwhcQuASApcQuITAJQQuIXAJgUsIXELgEgCXALgEwCUALgFwCYBLAFwC4BIAlwC4WOBigYsFLha4WOBi",
  "gYsFLha4WOBigYsPXHzg4gMXH7j4wMUHLj5w8YGLD1z8JZfcwm5Tz/RNKZgSMMVgisAUgikAkwWTX8+c/sW/d9RsZux3v12O0llvnx079snhtz85fPTgn4Z6z/zGX8nbcw",
  "uvBXxKEARBEARBEARBEARBEMQbh3IhgiAIgiAIgiBWm/zyIyczNVTOrfT/K7zMY17kI9zlXdZhbdZisWmyGdZgE6zOaqzCyixmRbbFjDCXdb2O1/ZaXtOb8RrehLfB1L2a",
  "V/HKXuwVvRHP9bqFTkGadqFVaBZmCo3CRKFeqBUqhXLhpY4LxcJIwS103Y7bdltu051xn+iGO+HW3Zpbcctu7BbdEdd1H+huvpNv51v5Zn4m38hP5Ov5Wv6uruTL+ThfzI",
  "/k3Xw318m1c61cSzdzM7lGbiJXz9VylVw5t5buYTjGa3QfA7EGWOwTuYv9q+VmU2+O0RyhOURzgGaLZh/NJTino2hO0Yz8UuSXIr8U+aXIL0V+KfJLkV+C/BLklyC/BPkl",
  "yC9BfgnyS5BfgvwS5Bcjvxj5xcgvRn4x8ouRX4z8YuQXI78Y+UXIL0J+EfKLkF+E/CLkFyG/CPlFyC9CfiHyC5FfiPxC5BcivxD5hcgvRH4h8guRX4D8AuQXIL8A+QXIL0",
  "B+AfILkF+A/ALkZ5GfRX4W+VnkZ5GfRX4W+VnkZ5GfRX4+8vORn4/8fOTnIz8f+fnIz0d+PvLzkV8J+ZWQXwn5lZBfCfmVkF8J+ZWQXwn5lZb9Fhv4oJ87Cvq51P/PUP+f",
  "+v8rE/X/qf//Zvv/bt/5/63MvJk3dJohCIIgCIIgCIIgiLXG4rv3e8vv84ffj7/Qd/5/mZn1lvL/K2bafGFOmWPmoNlvdpnQvGOGjWu6uqPbuqWbekY39ISu65p+X+/Wqd",
  "6i12tPP1ffq3vqpppTs+qC+lwdV79XB9R7arvaqjYorl7IH+R9+a28Ji/KSXlGnpCH5Afy13KH/KXcJLV8KR6L78Rt8bW4JKbEOXFSHBEfib3iXVESb4t1C0n5A36Hf8Mv",
  "87/w83ycH+VjfB/fxUP+Dh/mOf6MPWR32Q12hU3/R1Nhsafwvfd375Z31Zv1Otl2tpVtZmeyjexEdlbXs7VsJVvOxtlidiTrZrtOx5nUbaflNJ0Zp+FMOHWn5lScsnNWx0",
  "7RGXFcpzu09poEfa/PW5TfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTfWJTf",
  "WJTfWJTfWJTfWJTfWJTfWJTf2BLKl0ZRvjSK8iXK/yn/p/y/b6b8f1Xy/9fbs2BCBDOTQd/PYJ416LsbzNsGfa+DeeCg73wwrxz0fRDmqYO+K8K8d9D3SJhHD3pjCublg9",
  "6fgnn+mmhTwb7Ba+T/Xt/5f+PQHu+JmX91/r9u/mqmzDkzbo6aMbPP7DTWbDZvGcc8XfhfADf0FT2tv9Cn9LFXJ9/9epcOdVGPaFd3X51626qltrGNTLIX3pz6wbvvfetd",
  "8y56k94Z74R3yPvAm1V7vEl1Vp1UR9VBVVG71Xa1TW1S65SjnsmOvCdvyWvykpyS5+UpWZcfywNyj9whS3KzHJaufC4eifvitrguLotp0RCnxXFxSHwo9oqdIhRFsV5w8Y",
  "I/5vP8Dr/Bm/wrfoGf4Z/xI3yM7+dlnvKtfCPXPMOfsoeszW6yq+wi+5KdY+PsGKux99l77FeM+v8E8VOg8z+d/+n8/3M///efwNGqWLQqFq2KRati0apYtCoWrYpFq2LR",
  "qli0KhatikWrYtGqWLQqdmVVBqnVDlung9Rx7zVgq4PXeO+1cauD13/vNYOrg9eG77WUq4PXje81pquD15Tvtberb64339uZonqA8r366uR7sJe/nPZVUdpnUdpXX+W0r4",
  "rSPovSvh+9b2DVsr8qyv58lP3VXy/7g/c1/NcksIqSQPt/JoGHURLos76/4Yczj8xz84juACAIgiAIgiAIgiCINYsHTv5Lvf+VgNl5df6fM/NmbuH8T/3/n97/z2TovQQJ",
  "giAI4s1A/X/q/1P/f+Wz1P+n/j/1/3+u/f/1vTN9dvn0nul9Vab3syzyv+7//xeLU0P2ALAAAA==",
];

export function testFile(): Buffer {
  return gunzipSync(Buffer.from(COMPRESSED.join(""), "base64"));
}
