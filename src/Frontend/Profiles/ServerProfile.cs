namespace Admission.Frontend.Profiles;

/// <summary>What a well-known server can serve at once, by its own numbers. docs/profiles.md says how they follow.</summary>
/// <param name="Limit">Requests at once; 1 to 1,000,000.</param>
/// <param name="IsShared">Whether it stands behind all destinations (a database), or each destination is such a server.</param>
/// <param name="Explanation">How the limit came about, in words.</param>
internal sealed record ServerProfile(int Limit, bool IsShared, string Explanation)
{
    /// <summary>When the server itself has certainly ended a request; null where it never does.</summary>
    public TimeSpan? RunTimeout { get; init; }
}
