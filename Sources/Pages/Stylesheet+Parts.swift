extension Stylesheet {
    static let parts = """
        .hero { display: grid; gap: 0.875rem; max-width: 46rem; }
        .hero h1 { font-size: clamp(1.875rem, 1.4rem + 2.2vw, 3rem); font-weight: 660;
          letter-spacing: -0.032em; line-height: 1.1; overflow-wrap: anywhere; }
        .hero p { color: var(--soft); font-size: clamp(1rem, 0.96rem + 0.25vw, 1.125rem); }
        .eyebrow { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; }
        section > h2 { font-size: 1.25rem; font-weight: 640; margin-bottom: 1rem; }
        section > h2 + p { color: var(--soft); margin: -0.625rem 0 1.125rem; max-width: 44rem; }
        .pill { display: inline-flex; align-items: center; gap: 0.4375rem; padding: 0.125rem 0.625rem;
          border-radius: 99px; font-size: 0.8125rem; font-weight: 550; white-space: nowrap; }
        .pill::before { content: ""; width: 0.5rem; height: 0.5rem; border-radius: 50%;
          background: currentColor; }
        .pill.good { color: var(--green); background: var(--green-soft); }
        .pill.bad { color: var(--bad); background: var(--bad-soft); }
        .pill.drill { color: var(--amber); background: var(--amber-soft); }
        .pill.bad::before { border-radius: 1px; }
        .pill.drill::before { border-radius: 1px; rotate: 45deg; }
        .tag { display: inline-block; padding: 0 0.4375rem; border: 1px solid var(--line);
          border-radius: 6px; background: var(--sunk); color: var(--soft); font-size: 0.75rem;
          font-weight: 550; line-height: 1.5rem; white-space: nowrap; }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius);
          box-shadow: var(--shadow); padding: 1.25rem; min-width: 0; }
        .figures { display: grid; gap: 1rem;
          grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); }
        .figure { display: grid; gap: 0.125rem; grid-template-rows: auto auto 1fr auto; }
        .figure h3 { font-size: 0.875rem; font-weight: 550; color: var(--soft); letter-spacing: 0; }
        .figure .value { font-size: 2rem; font-weight: 640; letter-spacing: -0.035em;
          line-height: 1.2; font-variant-numeric: tabular-nums; }
        .figure .note { font-size: 0.8125rem; color: var(--soft); }
        .chart { margin-top: 0.875rem; }
        .chart svg { display: block; width: 100%; height: 3.5rem;
          border-bottom: 1px solid var(--line); }
        .chart .bar { fill: var(--bar); }
        .chart .bar:hover { fill: var(--green); }
        .chart .none { fill: var(--none); }
        .chart figcaption { display: flex; justify-content: space-between; margin-top: 0.375rem;
          font-size: 0.75rem; color: var(--soft); font-variant-numeric: tabular-nums; }
        details { margin-top: 1rem; font-size: 0.875rem; }
        summary { display: inline-block; cursor: pointer; color: var(--green); font-weight: 550;
          padding: 0.125rem 0; }
        .scroll { overflow-x: auto; margin-top: 0.75rem; }
        table { border-collapse: collapse; width: 100%; font-size: 0.875rem;
          font-variant-numeric: tabular-nums; }
        th, td { padding: 0.4375rem 0.75rem; text-align: right; white-space: nowrap;
          border-bottom: 1px solid var(--line); }
        th:first-child, td:first-child { text-align: left; padding-left: 0; }
        thead th { color: var(--soft); font-weight: 550; }
        tbody th { font-weight: 400; }
        .setups { display: grid; gap: 1rem;
          grid-template-columns: repeat(auto-fit, minmax(min(28rem, 100%), 1fr)); }
        .setup:last-child:nth-child(odd) { grid-column: 1 / -1; }
        .setup { display: grid; gap: 0.75rem; align-content: start; }
        .setup h3 { font-size: 1rem; font-weight: 620; }
        .setup p { font-size: 0.875rem; color: var(--soft); margin-top: 0.125rem; }
        pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--sunk); border: 1px solid var(--line);
          border-radius: 8px; padding: 0.75rem 0.875rem; line-height: 1.6; }
        pre code { user-select: all; -webkit-user-select: all; }
        .command { display: block; padding-left: 1.5em; text-indent: -1.5em; }
        .notice { border-left: 3px solid var(--amber); background: var(--amber-soft);
          color: var(--ink); border-radius: 0 8px 8px 0; padding: 0.75rem 1rem;
          font-size: 0.9375rem; }

        """

    static let lists = """
        .rows { background: var(--card); border: 1px solid var(--line);
          border-radius: var(--radius); box-shadow: var(--shadow); overflow: hidden; }
        .rows > li { padding: 0.875rem 1.25rem; }
        .rows > li + li { border-top: 1px solid var(--line); }
        .upstream { display: grid; gap: 0.5rem 1.5rem; align-items: center;
          grid-template-columns: minmax(9rem, 19rem) minmax(0, 1fr) 4rem; }
        .upstream .who { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.625rem;
          min-width: 0; }
        .upstream .who b { font-weight: 600; overflow-wrap: anywhere; }
        .upstream .share { text-align: right; font-variant-numeric: tabular-nums;
          font-size: 0.875rem; color: var(--soft); }
        .strip { display: block; width: 100%; height: 1.75rem; }
        .strip .good { fill: var(--good); }
        .strip .bad { fill: var(--bad); }
        .strip .none { fill: var(--none); opacity: 0.55; }
        .key { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin-top: 0.75rem;
          font-size: 0.8125rem; color: var(--soft); }
        .key span { display: inline-flex; align-items: center; gap: 0.375rem; }
        .key i { width: 0.625rem; height: 0.875rem; border-radius: 2px; background: var(--none); }
        .key i.good { background: var(--good); }
        .key i.bad { background: var(--bad); }
        .pair { display: grid; gap: clamp(2rem, 4vw, 2.5rem) 2rem;
          grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); }
        .package { display: flex; align-items: baseline; gap: 0.25rem 0.75rem; flex-wrap: wrap; }
        .package .name { display: flex; flex-wrap: wrap; align-items: baseline;
          gap: 0.125rem 0.625rem; flex: 1 1 10rem; min-width: 0; overflow-wrap: anywhere; }
        .package .name a { font-weight: 580; text-decoration: none; }
        .package .name a:hover { text-decoration: underline; }
        .package .version, .package .side { color: var(--soft); font-size: 0.875rem;
          font-variant-numeric: tabular-nums; }
        .package .side { margin-left: auto; text-align: right; }
        .empty { color: var(--soft); }
        .panels { display: grid; gap: 1rem;
          grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); }
        section.panel > h2 { font-size: 1rem; font-weight: 620; margin-bottom: 0.375rem; }
        section.panel > p { margin: 0; }
        section.panel p, .panel li { font-size: 0.9375rem; color: var(--soft); overflow-wrap: anywhere; }
        .panel li { padding-top: 0.25rem; }
        .panel b { color: var(--ink); font-weight: 580; }
        .file { display: grid; gap: 0.75rem; }
        .file h3 { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 0.75rem;
          font-size: 1rem; font-weight: 620; letter-spacing: 0; }
        .file h3 code { color: var(--soft); font-weight: 400; overflow-wrap: anywhere; }
        .file dl { display: grid; gap: 0.625rem 1.5rem;
          grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); }
        .file dt { font-size: 0.75rem; font-weight: 550; color: var(--soft); }
        .file dd { font-size: 0.9375rem; overflow-wrap: anywhere;
          font-variant-numeric: tabular-nums; }
        .file .whole { grid-column: 1 / -1; }
        .file dd code { font-size: 0.8125rem; user-select: all; }
        @media (max-width: 40rem) {
          .rows > li { padding-inline: 1rem; }
          .upstream { grid-template-columns: minmax(0, 1fr) auto; }
          .upstream .strip { grid-column: 1 / -1; grid-row: 2; }
          .package .side { margin-left: 0; text-align: left; flex-basis: 100%; }
        }

        """
}
