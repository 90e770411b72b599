namespace Admission.EndToEnd.Cluster.Records;

/// <summary>What became of a request.</summary>
internal enum RequestEnd
{
    /// <summary>The backend's answer.</summary>
    Served,

    /// <summary>A problem document with 429 or 503, and when to come back; or 504, because what the backend did is not known.</summary>
    Refused,

    /// <summary>Nobody listened: it was not sent.</summary>
    NotSent,

    /// <summary>The client left by its own will.</summary>
    Left,

    /// <summary>No answer, an answer cut short, another status: the death of a process may explain it.</summary>
    Unclean,

    /// <summary>A whole answer that is another request's, or a refusal without its words: nothing explains it.</summary>
    Wrong,
}

/// <summary>One request of the load.</summary>
/// <param name="Backend">The backend's id.</param>
/// <param name="Frontend">The frontend that it went to.</param>
/// <param name="Sent">When it was sent; see <see cref="Clock"/>.</param>
/// <param name="Ended">When its answer was there, or its failure.</param>
/// <param name="End">What became of it.</param>
/// <param name="Detail">The refusal's reason, or what was not clean.</param>
internal sealed record RequestRecord(string Backend, string Frontend, long Sent, long Ended, RequestEnd End, string Detail = "");
