//! What the faults are.

/// Makes the list: each name with what is wrong, in one sentence.
macro_rules! mutants {
    ($($name:ident: $what:literal,)*) => {
        /// One fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Mutant {
            $(#[doc = $what] $name,)*
        }

        impl Mutant {
            /// All of them, in their order.
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            /// As the code calls it.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// What is wrong.
            pub(crate) const fn what(self) -> &'static str {
                match self {
                    $(Self::$name => $what,)*
                }
            }
        }
    };
}

mutants! {
    // Gnutella: messages on a link
    TakesAnySize: "a query of a megabyte is read as any other message of that length is",
    WaitsForAnyLength: "a message that announces gigabytes is waited for",
    ForwardsLongQueries: "a query of more than 256 bytes is passed on",
    ForwardsLongHits: "a hit of more than 16 KiB is passed on",
    EndsAtUnknownFunctions: "a message with an unknown function ends the link",
    BelievesRelayingLeaves: "what a leaf passes on for others is taken for its own",
    HearsFarVendorMessages: "a vendor message that has come over other links is acted upon",
    // Gnutella: TTL, hops, copies and ways back
    KeepsTtl: "a query goes on with the TTL that it came with",
    GrowsTtl: "a query goes on with more TTL than it came with",
    KeepsHops: "a query goes on with the hops that it came with",
    ForwardsSpentQueries: "a query with TTL 1 goes on with TTL 0",
    TrimsNothing: "a query with a TTL of 15 goes on with one of 14",
    KnowsNoHardLimit: "a query whose TTL and hops add up to more than 15 is passed on all the same",
    EchoesQueries: "a query goes back to whoever sent it, too",
    ForwardsDuplicates: "a query that was here goes on again",
    AnswersDuplicates: "a query that was here is answered again",
    TellsFunctionsNotApart: "a push with the GUID of a query is a copy of that query",
    KnowsNoRaisedTtl: "a query that comes again with more TTL goes no further",
    StripsExtensions: "a query goes on without what stands behind its words",
    FloodsStrayHits: "a hit for a query that nobody sent goes to everybody",
    DropsHighHits: "a hit with a high TTL is dropped like a query",
    ForgetsLastLink: "a hit whose TTL ends here does not reach the leaf that asked",
    AnswersWithTtl1: "a hit of its own has TTL 1, however far the query came",
    ForwardsVendorMessages: "a vendor message is passed on to all others",
    RoutesAsLeaf: "a leaf passes queries on like an ultrapeer",
    // Gnutella: handshake and compression
    TellsCasesApart: "names of headers in other letters than usual are not read",
    KnowsNoContinuation: "a line that begins with a blank is no part of the header before it",
    TakesManyHeaders: "a head may have any number of headers",
    TakesLongLines: "a line of a head may have any length",
    WaitsForHeads: "a head that does not come to its end is waited for until all is over",
    AcceptsVersion04: "a call of Gnutella 0.4 gets a link",
    PromotesLeaves: "who called as a leaf is an ultrapeer if its last head says so",
    TakesOtherNetworks: "who takes no Gnutella messages gets a link",
    DeflatesUnasked: "it deflates for those who cannot inflate",
    AnnouncesDeflateInVain: "it announces that it deflates, and sends plain messages",
    ReadsDeflatedAsPlain: "it does not look whether the other side deflates",
    NeverFlushes: "what it deflates stays in the compressor",
    InflatesBombs: "a stream may swell as much as it likes",
    LinksToItself: "it takes a call of its own",
    TellsCrawlersNothing: "a crawler hears of no neighbours",
    // Gnutella: pings, pongs and Bye
    AnswersSignsOfLife: "a ping with TTL 0 is answered",
    NamesPongsAnew: "a pong has another GUID than its ping",
    TellsImpossibleHosts: "pongs about hosts that nobody can call are told to others",
    EchoesPongs: "who asks for pongs gets its own back",
    KeepsHopsOfPongs: "a pong of the cache has the hops with which it came",
    FloodsPings: "a ping is passed on to all others",
    KeepsSilentNeighbours: "a neighbour that answers no ping stays for ever",
    HearsNoBye: "a Bye is dropped like any message that nobody needs",
    LeavesWithoutBye: "whoever breaks a rule is closed on without a word",
    SaysByeToAll: "a Bye goes also to those who never announced that they know one",
    // Gnutella: queries and hits
    FindsNoContents: "a query for a content is answered by its words alone",
    FindsOnceForEachName: "a file that a query names three times is told three times",
    AnswersWhatsNewAlways: "who asks again and again what is new is answered each time",
    SaysHUnasked: "digests stand as GGEP H also for those who do not know it",
    LosesTheInvertedBit: "the bit for pushes stands in the same byte of the flags as all others, and not in the other one",
    SaysPortsBackwards: "the port in its hits has its high byte first",
    ForgetsGuidOfHits: "its hits have the GUID of nobody at their end",
    CarriesEveryHit: "one neighbour may fill all links with hits for one query",
    // Gnutella: query tables
    ShowsLeavesEverything: "a leaf is shown every query, whatever its table says",
    KeepsAccents: "words with accents are looked up as they are",
    WantsEveryWord: "of three words all have to be in a table",
    AcceptsOversizeTables: "a table may have any number of slots",
    TakesPatchesInAnyOrder: "the messages of a patch are taken as they come",
    KeepsWordsAtReset: "a reset leaves the words of a table where they are",
    TakesNoWordsBack: "a word that was in a table stays in it",
    ReadsLowHalvesFirst: "entries of four bits are read with the low half first",
    SendsNoReset: "its own table begins with a patch",
    SendsTablesToAll: "its table goes also to those who did not ask for it",
    // Gnutella: dynamic queries
    FloodsQueriesOfLeaves: "what a leaf asks goes to all ultrapeers at once",
    NeverHasEnough: "a query goes on though there are results enough",
    BelievesOneNeighbour: "what one neighbour claims to have ends a query",
    HearsNoStop: "a leaf that has enough cannot stop its query",
    LetsAnybodyStop: "anybody can stop the query of a leaf",
    AsksOverAndOver: "what a leaf asks again and again is asked again and again",
    ProbesWithoutTables: "the first to be asked are any, also those whose tables lack the words",
    // Gnutella: vendor messages
    HearsNoHopsFlow: "who asks for no queries gets them all the same",
    AddsUpCapabilities: "capabilities that are taken back still count",
    TakesAnyVersionForKnown: "a message of an unknown version is read as one that is known",
    GivesPushesAway: "a leaf gets the pushes of anybody whom it names",
    SendsPushesAfterAll: "a leaf that has cancelled its push proxy still gets pushes",
    IsProxyForUltrapeers: "an ultrapeer gets a push proxy as a leaf does",
    // Gnutella: pushes
    CopiesPushes: "a push that was here goes on again",
    PushesSpent: "a push with TTL 1 goes on to another ultrapeer",
    LearnsNoServents: "nobody knows which way a push goes",
    BelievesLastClaim: "who last brings a hit of a servent gets all its pushes",
    ObeysPushesForOthers: "a push for a servent that nobody knows is taken for one of its own",
    PushesForForgers: "a push in a datagram may name somebody else as the asker",
    // Gnutella: files over HTTP
    EndsRangesEarly: "the last byte of a range is left out",
    RefusesRangesBeyondTheEnd: "a range that ends behind the file gets nothing",
    GivesByNumberAlone: "a file is given to whoever has its number, whatever name stands beside it",
    GivesOtherContents: "a file is given by its name to whoever means another content",
    GivesBodiesToHead: "the answer to HEAD has a body",
    StaysWhenAskedToClose: "a connection stays open behind a request that wants it closed",
    ReadsBodiesAsRequests: "what follows a request with a length is read as another request",
    WaitsForRequests: "a request that does not come to its end is waited for until all is over",
    BelievesOneStranger: "a host that one stranger names as a source is told to all others",
    CountsPlacesFromZero: "the first who waits has place 0",
    ServesEverybody: "there is a slot for everybody",
    MarksNoLastRecord: "the last record of a tree is not marked as the last",
    DeflatesLists: "a list of files is deflated for whoever asks",
    HearsEverybody: "a host that asks without end is answered without end",
    // Gnutella: datagrams, hits by UDP, and GUESS
    SwellsPongs: "the pong to a short ping by UDP may have any length",
    TakesHalfDatagrams: "a datagram may be shorter or longer than its message says",
    TakesFlagsInDatagrams: "a datagram with a size flag is read",
    SendsHitsUnclaimed: "hits go by UDP to any address that a query names, though nobody there asked",
    BelievesClaims: "who claims hits gets them, though its address may be forged",
    GivesHitsElsewhere: "hits are given to whoever claims them first",
    ForgetsTokens: "hits that are claimed with a token come without it",
    IndicatesToServices: "hits are indicated to any port, also to those of other services",
    AnswersWithoutKey: "a query by UDP needs no key",
    TakesKeysOfOthers: "a query by UDP may have any key",
    ShowsKeys: "leaves see the key of a query by UDP",
    // Gnutella: extensions
    StopsAtNul: "a NUL ends the extensions of a query",
    StopsAtBrokenBlocks: "what stands behind a GGEP block that cannot be read is not read either",
    ReadsNoCobs: "an extension in COBS is taken as it is",
    // FastTrack: sessions
    LosesASeed: "bytes are deciphered with the seed of the other side alone",
    WaitsForHellos: "a hello that does not come to its end is waited for until all is over",
    SkipsNoise: "a byte that begins no message is passed over",
    AnswersNoPings: "the byte that asks whether one is there is passed over",
    BearsEveryFault: "malformed messages never end a session",
    NeverForgetsFaults: "faults of hours ago count like those of now",
    TakesSearchesAtAnyPace: "who searches without end is served without end",
    TakesPushesAtAnyPace: "who pushes without end is served without end",
    EndsAtUnknownTypes: "a message of an unknown type ends the session",
    KeepsNewcomers: "who never says what it is stays for ever",
    SaysByeToStrayMessages: "what comes before the first message ends the session",
    // FastTrack: supernode and children
    GreetsWithoutShares: "a child is not asked for what it shares",
    TellsWrongAddress: "a child is told the address of the supernode as its own",
    LeavesItselfOut: "a supernode is not in its own list of nodes",
    BelievesAddresses: "a child stands in results wherever it says that it is",
    SharesTwice: "the same file shared again is there twice",
    SharesOnceForEachHash: "of two files with one hash the second takes the place of the first",
    TakesAllOfHashBack: "with one file all others of its hash are taken back",
    TakesNothingBack: "a file that is taken back is still found",
    PushesForStrangers: "a push may name anybody as the one who is to be called",
    PushesAnyName: "a push reaches the child at an address, whatever its name",
    // FastTrack: searches
    FindsOwnFiles: "who searches finds its own files, too",
    TellsMoreThanWanted: "more results come than were wanted",
    PacksElevenResults: "a message has more than ten results",
    WritesNamesOnce: "of several results of one child only the first has its names",
    EndsNoSearch: "a search that finds nothing has no end",
    EndsSearchesTwice: "the end of a search is told twice",
    FindsByCase: "words are found in small letters only",
    FitsOneOfTheTerms: "a file is found that fits one term of several",
    LeavesTheLimitOut: "a number that is just the least that is wanted does not fit",
    KnowsNoAbout: "about means equal",
    KnowsNoRealms: "a search for music finds pictures",
    TakesManyTerms: "a search may have any number of terms",
    TakesLongValues: "a value may have any length",
    ReadsMldonkeyWrong: "numbers that mldonkey writes without their first byte are 0",
    // FastTrack: datagrams and transfers
    PongsWithoutEnd: "who pings by UDP without end is answered without end",
    OffersRoomItLacks: "an ordinary node says that it takes children",
    TellsNoHash: "an answer with a file does not say its hash",
    SignsNoAnswer: "an answer to a node of FastTrack does not say who gives it",
}
