namespace Admission.Frontend.Profiles;

/// <summary>What a server's numbers come to, before the bounds of a limit are applied.</summary>
/// <param name="Limit">Requests at once.</param>
/// <param name="Explanation">How.</param>
internal sealed record Counted(long Limit, string Explanation)
{
    /// <inheritdoc cref="ServerProfile.IsShared"/>
    public bool IsShared { get; init; }

    /// <inheritdoc cref="ServerProfile.RunTimeout"/>
    public TimeSpan? RunTimeout { get; init; }

    /// <summary>What to say when nothing is left.</summary>
    public string? Nothing { get; init; }

    /// <summary>A number of things, in words.</summary>
    public static string Of(int count, string thing) => $"{count} {thing}{(count == 1 ? "" : "s")}";
}
