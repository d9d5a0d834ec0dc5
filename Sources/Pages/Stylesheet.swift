/// The one style sheet of all pages, at a path that changes with it, so that it never needs asking
/// for again.
package enum Stylesheet {
    package static let file = Array((tokens + frame + parts + lists).utf8)

    static let path = "/-/assets/larder-\(name).css"

    /// 64 bits of FNV-1a: names a version, and secures nothing.
    private static let name: String = {
        let hash = file.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        return String(hash, radix: 16)
    }()

    /// Colours and measures.
    ///
    /// Text has a contrast of 4.5 and more on all that it stands on, parts of
    /// charts and edges of fields 3 and more (WCAG 2.2, 1.4.3 and 1.4.11).
    static let tokens = """
        :root {
          color-scheme: light dark;
          --paper: #faf8f3; --card: #fffefb; --sunk: #f3f0e8; --line: #e3ddd0; --edge: #8d8677;
          --ink: #1f1d19; --soft: #5d574c; --green: #1d6b50; --green-soft: #dcebe2;
          --bar: #3d8b6d; --good: #a9cfbb; --bad: #b3382c; --bad-soft: #f8e3de; --none: #e3ddd0;
          --amber: #7d5200; --amber-soft: #f8ebcd; --on-green: #ffffff;
          --radius: 12px; --shadow: 0 1px 2px rgb(60 50 30 / 5%), 0 6px 20px rgb(60 50 30 / 4%);
          --sans: Inter, "Inter Variable", ui-sans-serif, system-ui, -apple-system, "Segoe UI",
            Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
          --mono: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas,
            "DejaVu Sans Mono", monospace;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #131411; --card: #1b1c18; --sunk: #23241f; --line: #30322b; --edge: #7f8274;
            --ink: #ecebe3; --soft: #aeab9e; --green: #86d0ae; --green-soft: #1f3a2e;
            --bar: #5fae8c; --good: #35614d; --bad: #ef8a7d; --bad-soft: #43211c; --none: #30322b;
            --amber: #e6bd6a; --amber-soft: #3b2f14; --on-green: #10241b;
            --shadow: none;
          }
        }

        """

    static let frame = """
        *, *::before, *::after { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 400 1rem/1.55 var(--sans); font-feature-settings: "cv11", "ss03";
          -webkit-font-smoothing: antialiased; }
        h1, h2, h3, p, ul, ol, dl, dd, figure, pre { margin: 0; padding: 0; }
        ul, ol { list-style: none; }
        h1, h2, h3 { line-height: 1.2; letter-spacing: -0.018em; text-wrap: balance; }
        a { color: var(--green); text-decoration-thickness: 1px; text-underline-offset: 3px; }
        a:hover { text-decoration-thickness: 2px; }
        :focus-visible { outline: 3px solid var(--green); outline-offset: 2px; border-radius: 4px; }
        main:focus { outline: none; }
        code, pre { font-family: var(--mono); font-size: 0.8125rem; }
        .wide { width: min(100% - 2.5rem, 72rem); margin-inline: auto; }
        .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden;
          clip-path: inset(50%); white-space: nowrap; }
        .skip { position: absolute; left: 1rem; top: -4rem; background: var(--green);
          color: var(--on-green); padding: 0.5rem 1rem; border-radius: 0 0 8px 8px; z-index: 1; }
        .skip:focus { top: 0; }
        .top { border-bottom: 1px solid var(--line); background: var(--card); }
        .top .wide { display: flex; flex-wrap: wrap; align-items: center; gap: 0.75rem 2rem;
          padding-block: 0.875rem; }
        .mark { display: flex; align-items: center; gap: 0.5rem; color: var(--ink);
          font-weight: 650; font-size: 1.125rem; letter-spacing: -0.02em; text-decoration: none; }
        .mark svg .lid, .mark svg .glass { fill: var(--green); }
        .mark svg .line { fill: none; stroke: var(--card); stroke-width: 1.6;
          stroke-linecap: round; }
        .search { display: flex; gap: 0.5rem; margin-left: auto; flex: 0 1 26rem;
          min-width: 0; }
        .search input { flex: 1 1 0; width: 0; min-width: 0; height: 2.5rem; padding: 0 0.875rem;
          font: inherit; font-size: 0.9375rem; color: var(--ink); background: var(--paper);
          border: 1px solid var(--edge); border-radius: 8px; appearance: none; }
        .search input::placeholder { color: var(--soft); opacity: 1; }
        button { height: 2.5rem; padding: 0 1rem; font: inherit; font-size: 0.9375rem;
          font-weight: 550; color: var(--on-green); background: var(--green); border: 0;
          border-radius: 8px; cursor: pointer; }
        button:hover { filter: brightness(1.08); }
        main { padding-block: clamp(2rem, 5vw, 4rem); display: grid; gap: clamp(2.5rem, 5vw, 4rem);
          grid-template-columns: minmax(0, 1fr); }
        footer { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; justify-content: space-between;
          padding-block: 1.5rem 2.5rem; border-top: 1px solid var(--line); color: var(--soft);
          font-size: 0.875rem; }
        footer nav { display: flex; gap: 1.25rem; }
        @media (max-width: 40rem) {
          .search { flex: 1 1 100%; margin-left: 0; }
        }
        @media print { .search, .skip, footer nav { display: none; } }

        """
}
