/// The whole metadata database; one type for each back end.
package typealias MetadataStore =
    Responses & Facts & Pins & Accesses & Events & Operations & Outages & ClientTokens
    & MalwareLists
