namespace Admission.Capacity;

/// <summary>What a ledger has learned of its backend's limit, as it is stored with whatever else is written.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="UnloadedTime">How long a permit is in use when the backend has no queue.</param>
/// <param name="UnloadedError">Its relative standard error; 1 and more if it is not known.</param>
[GenerateSerializer, Immutable, Alias("Admission.LearnedLimit")]
public sealed record LearnedLimit([property: Id(0)] int Limit, [property: Id(1)] TimeSpan UnloadedTime, [property: Id(2)] double UnloadedError);
