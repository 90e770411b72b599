namespace Admission.EndToEnd;

/// <summary>
/// Tests that drive load, or judge times: what runs beside them on two cores shows in their figures, so they run alone. All others wait more than they work, and run two at a time.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Measured
{
    /// <summary>The name of the collection.</summary>
    public const string Name = "measured";
}
