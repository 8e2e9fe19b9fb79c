/**
 * Who is logged in.
 * Never: keeps a password, or decides what a role may do (the server does).
 */

import type { Account } from "../model/accounts";
import { Problem } from "../model/problem";
import { isOpen, safeNext } from "../model/route";
import type { Me } from "../model/shapes";
import { ask, connectSession } from "./api";
import { go, router } from "./router.svelte";

type State = { kind: "asking" } | { kind: "in"; me: Me } | { kind: "out" } | { kind: "failed"; cause: unknown };

let state = $state.raw<State>({ kind: "asking" });

const useToken = connectSession(() => leave());

let account = $state.raw<Account | null>(null);

export const session = {
  get state(): State {
    return state;
  },
  /** Roles and how they log in; null until it is known. */
  get account(): Account | null {
    return account;
  },
};

/** Asks the server who we are; without a login, leads to the login screen and remembers the way back,
 * unless the screen is open to everybody. */
export async function begin(): Promise<void> {
  state = { kind: "asking" };
  try {
    enter(await ask<Me>("/me"));
  } catch (cause) {
    if (!(cause instanceof Problem && cause.status === 401)) state = { kind: "failed", cause };
  }
}

/** @throws Problem: login_failed, code_required, rate_limited (with retryAfter), or no answer. */
export async function logIn(name: string, password: string, code = ""): Promise<void> {
  enter(await ask<Me>("/login", { method: "POST", body: { name, password, code } }));
  go(safeNext(router.query.get("next")), { replace: true });
}

/** Logs in by a link that opens once. @throws Problem */
export async function enterByLink(token: string): Promise<void> {
  enter(await ask<Me>("/invitations/enter", { method: "POST", body: { token } }));
  go("/live", { replace: true });
}

/** Ends the login here and on the server. @throws Problem when the server could not be told. */
export async function logOut(): Promise<void> {
  await ask("/logout", { method: "POST" });
  leave();
}

/** Asks again what the person may and how they log in; after it was changed. @throws Problem */
export async function loadAccount(): Promise<void> {
  account = await ask<Account>("/account");
}

function enter(me: Me): void {
  useToken(me.csrf);
  account = null;
  state = { kind: "in", me };
}

function leave(): void {
  useToken(null);
  account = null;
  state = { kind: "out" };
  if (isOpen(router.route.screen)) return;
  go(`/login?${new URLSearchParams({ next: router.address })}`, { replace: true });
}
