/** Secrets out of addresses, params taken out: the pure part. */

import { expect, test } from "vitest";
import { named, without } from "../src/lists.js";
import { refineParams, SECRETS, scrubber } from "../src/scrub.js";

const own = scrubber(named(["member", "a.b"]));
const scrub = (address: string) => scrubber(SECRETS)(own(address));

test.each([
  ["https://s.example/p?email=a%40b.example&x=1", "https://s.example/p?email=removed&x=1"],
  [
    "https://s.example/p?user_email=a&userEmail=b&EMAIL=c",
    "https://s.example/p?user_email=removed&userEmail=removed&EMAIL=removed",
  ],
  [
    "https://s.example/p?token=t&access_token=u&resetToken=v#id_token=w",
    "https://s.example/p?token=removed&access_token=removed&resetToken=removed#id_token=removed",
  ],
  [
    "https://s.example/p?user[password]=x&user%5Bpassword%5D=y",
    "https://s.example/p?user[password]=removed&user%5Bpassword%5D=removed",
  ],
  ["https://s.example/#/reset?token=t&step=2", "https://s.example/#/reset?token=removed&step=2"],
  ["https://s.example/p;sid=12;x=1?q=2", "https://s.example/p;sid=removed;x=1?q=2"],
  ["https://ann:pw@s.example/p", "https://s.example/p"],
  ["https://s.example/@ann/post?x=1", "https://s.example/@ann/post?x=1"],
  ["https://s.example/u/ann+news@mail.shop.example/edit", "https://s.example/u/removed/edit"],
  ["https://s.example/p?next=ann%40shop.example", "https://s.example/p?next=removed"],
  ["https://s.example/p?next=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOjF9.c2ln", "https://s.example/p?next=removed"],
  [
    "https://s.example/p?member=1&members=2&a.b=3&aXb=4",
    "https://s.example/p?member=removed&members=2&a.b=removed&aXb=4",
  ],
  [
    "https://s.example/p?q=shoes&page=2&utm_source=mail#part",
    "https://s.example/p?q=shoes&page=2&utm_source=mail#part",
  ],
  ["https://s.example/tokens/list?tokenize=no&emails=3", "https://s.example/tokens/list?tokenize=no&emails=3"],
  ["https://s.example/p?email=", "https://s.example/p?email="],
])("%s → %s", (address, clean) => {
  expect(scrub(address)).toBe(clean);
  expect(scrub(clean)).toBe(clean);
});

test("a long address takes no time that grows with its square", () => {
  const address = `https://s.example/p?${"token".repeat(4_000)}${"=&".repeat(4_000)}${"a.".repeat(4_000)}`;
  expect(scrub(address).length).toBeGreaterThan(10);
});

test("params lose the listed names at any depth, addresses in them their secrets, and nothing else", () => {
  const params = {
    url: "https://s.example/?token=t",
    utm_content: "ann@shop.example",
    contact: "ann@shop.example",
    price: 1.5,
    lines: [{ price: 2, link: "//s.example/?email=x" }, null, true],
    deep: { deeper: { price: 3, n: 1e21 } },
  };
  expect(refineParams(without(JSON.stringify(params), ["price"]), scrub)).toEqual({
    url: "https://s.example/?token=removed",
    utm_content: "removed",
    contact: "ann@shop.example",
    lines: [{ link: "//s.example/?email=removed" }, null, true],
    deep: { deeper: { n: 1e21 } },
  });
});
