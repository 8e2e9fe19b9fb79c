/** What the API says of people: users, logins, links, second factors. */

import type { Ms } from "./shapes";

export type SiteRole = "viewer" | "editor" | "admin";
export type Role = "member" | SiteRole;

export interface Account {
  name: string;
  role: Role;
  sites: Record<string, SiteRole>;
  password: boolean;
  totp: boolean;
  recovery_codes: number;
}

export interface LoginWays {
  /** False: only at the provider. */
  password: boolean;
  oidc: { label: string; url: string } | null;
}

export interface Session {
  id: string;
  created: Ms;
  expires: Ms;
  seen: Ms;
  address: string;
  agent: string;
  current: boolean;
}

export interface User {
  name: string;
  role: Role;
  sites: Record<string, SiteRole>;
  created: Ms;
  disabled: boolean;
  totp: boolean;
  password: boolean;
  seen: Ms;
}

/** Somebody with a role on a site; `everywhere`: it comes from a role on every site. */
export interface Person {
  name: string;
  role: SiteRole;
  everywhere: boolean;
  disabled: boolean;
}

/** A link that opens once; `name` empty: whoever opens it chooses one. */
export interface Link {
  kind: "invitation" | "reset" | "login";
  name: string;
  role: Role;
  sites: Record<string, SiteRole>;
  expires: Ms;
}

export interface Invitation extends Link {
  id: string;
  made_by: string;
  created: Ms;
}

export interface NewInvitation extends Invitation {
  link: string;
}

export interface OfferedFactor {
  secret: string;
  uri: string;
  svg: string;
}
