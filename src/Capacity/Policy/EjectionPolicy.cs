namespace Admission.Capacity;

/// <summary>When a destination that fails is withheld from the whole cluster, and for how long.</summary>
/// <remarks>
/// Failures are connects that fail, runs that time out, and connections that break before the answer is complete; an answer with any status is a success. Where the
/// backend has only one destination, only failed connects count, and the pause does not grow: nobody else could serve meanwhile, and a trial costs one request.
/// </remarks>
[GenerateSerializer, Immutable, Alias("Admission.EjectionPolicy")]
public sealed record EjectionPolicy
{
    /// <summary>Whether destinations are withheld at all. Default true.</summary>
    [Id(0)] public bool Enabled { get; init; } = true;

    /// <summary>So many failures in a row, without a success between them, withhold a destination. 1 to 1,000; default 3.</summary>
    [Id(1)] public int Failures { get; init; } = 3;

    /// <summary>
    /// How long it is withheld before its first trial. 10 ms to 1 hour; default 500 ms, so that a server which was only restarted is back within half a second.
    /// </summary>
    [Id(2)] public TimeSpan ShortestPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The pause doubles with each failed trial, up to this. From <see cref="ShortestPause"/> to 24 hours; default 60 s.</summary>
    [Id(3)] public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(60);
}
