/** The panel while there is no bridge: what is wrong, what to do, and when it is tried again. */

import { useRef, useState } from "preact/hooks";
import type { Connection, Problem, RunningEdit } from "../app/state.ts";
import type { Focusable } from "./dom.ts";
import { useKit } from "./kit.ts";
import { useHome } from "./homes.ts";
import { commandIn, Words } from "./words.tsx";

/** What starts the bridge, for the state in which it is the only thing that helps. */
const START_COMMAND = "inlay serve";

type Of<S extends Connection["state"]> = Extract<Connection, { readonly state: S }>;

export function Connecting({ connection }: { readonly connection: Of<"connecting"> }) {
  return (
    <div class="in-page in-middle">
      <div class="in-empty">
        <div class="in-title">{connection.again ? "Connecting again…" : "Connecting…"}</div>
        <div class="in-dim in-empty-text">Looking for Inlay on this machine.</div>
      </div>
    </div>
  );
}

export function Offline({
  connection,
  edit,
}: {
  readonly connection: Of<"offline">;
  readonly edit: RunningEdit | null;
}) {
  const { actions, widgets } = useKit();
  const { Button, Icon } = widgets;
  const { problem, retryInS } = connection;
  const command = commandIn(problem.hint) ?? (problem.code === "not_running" ? START_COMMAND : null);
  const home = useHome();
  return (
    <div class="in-page in-middle">
      <div class="in-connection" role="alert">
        <div class="in-heading">
          <span class="in-mark in-mark-warn">
            <Icon name="alert" />
          </span>
          <span class="in-title in-grow">{problem.message}</span>
        </div>
        <div class="in-text">
          <Words text={problem.hint} />
        </div>
      </div>
      {command !== null && <Command text={command} />}
      {edit !== null && <div class="in-text in-dim">“{edit.text}” goes on at the bridge; its result comes later.</div>}
      <div class="in-actions">
        <Button text="Try now" kind="primary" handle={home} onPress={() => void actions.connect()} />
        <span class="in-dim in-grow" aria-live="off">
          {retryInS === null ? "" : retryInS <= 0 ? "Trying…" : `Next try in ${retryInS} s`}
        </span>
      </div>
    </div>
  );
}

/** A command to type into a terminal. */
function Command({ text }: { readonly text: string }) {
  const { widgets } = useKit();
  const { Button, Field } = widgets;
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no");
  const field = useRef<Focusable>(null);
  const take = async () => {
    const done = await widgets.copy(text);
    setCopied(done ? "yes" : "failed");
    // Where the program keeps the clipboard to itself, the command can still be copied from its field.
    if (!done) field.current?.focus();
  };
  return (
    <div class="in-command-line">
      <div class="in-caption">Type this into a terminal</div>
      <div class="in-row">
        <div class="in-grow in-mono">
          <Field name="Command" value={text} handle={field} onInput={() => undefined} />
        </div>
        <Button
          text={copied === "yes" ? "Copied" : copied === "failed" ? "Select it" : "Copy"}
          name={`Copy “${text}”`}
          onPress={() => void take()}
        />
      </div>
    </div>
  );
}

export function Pairing({ connection }: { readonly connection: Of<"pairing"> }) {
  const { actions, widgets } = useKit();
  const { Button, Field } = widgets;
  const [code, setCode] = useState("");
  const home = useHome();
  const ready = plainCode(code).length === CODE_CHARS && !connection.busy;
  const pair = () => {
    if (ready) void actions.pair(code.trim());
  };
  return (
    <div class="in-page in-middle">
      <div class="in-title">Pair with Inlay</div>
      <div class="in-text">
        The terminal in which <span class="in-code">inlay serve</span> runs shows a code. It is needed once on each
        machine.
      </div>
      <div class="in-caption">Pairing code</div>
      <Field
        name="Pairing code"
        placeholder="K7QF-2M9X"
        value={code}
        code
        off={connection.busy}
        handle={home}
        onInput={(value) => setCode(grouped(value))}
        onKey={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          pair();
        }}
      />
      {connection.problem !== null && <Wrong problem={connection.problem} />}
      <div class="in-actions">
        <Button text={connection.busy ? "Pairing…" : "Pair"} kind="primary" off={!ready} onPress={pair} />
      </div>
      <div class="in-text in-dim">
        No code in sight? <span class="in-code">inlay pair</span> shows a new one.
      </div>
    </div>
  );
}

/** As bridge/access/pairing.py makes them. */
const CODE_CHARS = 8;

function plainCode(code: string): string {
  return code.replace(/[^0-9a-z]/gi, "").toUpperCase();
}

/** As the bridge shows it, while it is typed. */
function grouped(code: string): string {
  const plain = plainCode(code).slice(0, CODE_CHARS);
  return plain.length > CODE_CHARS / 2 ? `${plain.slice(0, CODE_CHARS / 2)}-${plain.slice(CODE_CHARS / 2)}` : plain;
}

function Wrong({ problem }: { readonly problem: Problem }) {
  return (
    <div class="in-wrong" role="alert">
      <span class="in-strong">{problem.message}</span> <Words text={problem.hint} />
    </div>
  );
}
