namespace Admission.Capacity;

/// <summary>
/// A limit that finds itself: the ledger moves it between <see cref="Min"/> and <see cref="BackendPolicy.Limit"/>, from the time that permits are in use over
/// the whole cluster. <see cref="BackendPolicyRules"/> says what is wrong with one.
/// </summary>
[GenerateSerializer, Immutable, Alias("Admission.AdaptiveLimit")]
public sealed record AdaptiveLimit
{
    /// <summary>How it finds itself. Default: <see cref="LimitAlgorithm.Gradient2"/>.</summary>
    [Id(0)] public LimitAlgorithm Algorithm { get; init; } = LimitAlgorithm.Gradient2;

    /// <summary>The limit never falls below it. 1 to <see cref="BackendPolicy.TotalLimit"/>; default 1.</summary>
    [Id(1)] public int Min { get; init; } = 1;

    /// <summary>
    /// Where it starts while nothing has been learned. <see cref="Min"/> to <see cref="BackendPolicy.TotalLimit"/>; null (the default) means <see cref="Min"/>, from which
    /// it doubles as long as the backend does not slow down.
    /// </summary>
    [Id(2)] public int? Initial { get; init; }
}
