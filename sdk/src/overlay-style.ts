/** How the list of debug mode looks. A constructed style sheet: a page's Content-Security-Policy has no say in it. */

export const STYLE = `
:host { all: initial; color-scheme: light dark; }
section {
  position: fixed; inset: auto 12px 12px auto; z-index: 2147483647; display: flex; flex-direction: column;
  width: min(440px, calc(100vw - 24px)); max-height: min(60vh, 560px); overflow: hidden;
  font: 13px/1.45 system-ui, sans-serif; color: light-dark(#1c1d22, #ecedf2); background: light-dark(#fff, #1b1c21);
  border: 1px solid light-dark(#d5d7de, #3b3d46); border-radius: 10px; box-shadow: 0 8px 30px #0005;
}
header { display: flex; gap: 8px; align-items: center; padding: 8px 10px; border-bottom: 1px solid light-dark(#e4e6ec, #33353d); }
.note { flex: 1; overflow: hidden; color: light-dark(#5b5e69, #a3a6b2); text-overflow: ellipsis; white-space: nowrap; }
button { font: inherit; padding: 3px 10px; color: inherit; background: none; border: 1px solid light-dark(#c3c6d0, #50535f); border-radius: 6px; cursor: pointer; }
button:hover { background: light-dark(#f1f2f6, #2a2c33); }
:focus-visible { outline: 2px solid light-dark(#3257d6, #8fa8ff); outline-offset: -2px; }
ol { margin: 0; padding: 0; overflow: auto; list-style: none; overscroll-behavior: contain; }
li { padding: 6px 10px; border-bottom: 1px solid light-dark(#eef0f4, #292b32); }
summary { display: flex; gap: 8px; align-items: baseline; cursor: pointer; }
time { color: light-dark(#5b5e69, #a3a6b2); font-variant-numeric: tabular-nums; }
.action { flex: 1; overflow-wrap: anywhere; font-weight: 600; }
b { padding: 0 7px; font-weight: 600; border-radius: 999px; background: light-dark(#eceef3, #34363f); }
[data-state=stored] b { color: light-dark(#0c5c2e, #8be0ab); background: light-dark(#dff5e6, #143622); }
[data-state=sent] b { color: light-dark(#22408f, #a9bdff); background: light-dark(#e4eaff, #222d52); }
[data-state=rejected] b, [data-state=dropped] b { color: light-dark(#8f1d1d, #ffb0ab); background: light-dark(#fde5e3, #4a1f1d); }
.why { margin: 2px 0 0; color: light-dark(#5b5e69, #a3a6b2); overflow-wrap: anywhere; }
.why:empty { display: none; }
pre { max-height: 180px; margin: 6px 0 0; overflow: auto; font: 12px/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.empty { margin: 0; padding: 14px 10px; color: light-dark(#5b5e69, #a3a6b2); }
[hidden] { display: none; }
`;
