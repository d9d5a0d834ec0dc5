/// A jar: the mark on each page and the icon of the tab.
package enum Icon {
    static let path = "/-/assets/larder.svg"

    static let inline: HTML = """
        <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">\
        <path class="lid" d="M6.5 2.5h11a1 1 0 0 1 1 1V6a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1V3.5a1 1 0 \
        0 1 1-1z"></path>\
        <path class="glass" d="M7 8.5h10c1.6 1 2.5 2.4 2.5 4.100V19a2.5 2.5 0 0 1-2.5 2.500H7A2.5 \
        2.5 0 0 1 4.5 19v-6.400C4.5 10.9 5.4 9.5 7 8.500z"></path>\
        <path class="line" d="M8.5 13.500h7M8.5 17h4.5"></path></svg>
        """

    /// The icon as a file of its own, with its colours.
    package static let file = Array(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><style>\
        .a{fill:#1d6b50}.b{stroke:#fff}\
        @media(prefers-color-scheme:dark){.a{fill:#86d0ae}.b{stroke:#12130f}}</style>\
        <path class="a" d="M6.5 2.500h11a1 1 0 0 1 1 1V6a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1V3.500a1 1 0 \
        0 1 1-1z"/><path class="a" d="M7 8.500h10c1.6 1 2.5 2.4 2.5 4.100V19a2.5 2.5 0 0 1-2.5 \
        2.500H7A2.5 2.5 0 0 1 4.5 19v-6.400C4.5 10.9 5.4 9.5 7 8.500z"/>\
        <path class="b" d="M8.5 13.500h7M8.5 17h4.5" fill="none" stroke-width="1.6" \
        stroke-linecap="round"/></svg>

        """.utf8)
}
