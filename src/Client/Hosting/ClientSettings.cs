using Admission.Capacity;

namespace Admission.Client.Hosting;

/// <summary>The section <c>Admission</c> of a program that uses the client library, read and checked. docs/client.md lists every setting.</summary>
internal sealed record ClientSettings
{
    /// <summary>The longest <see cref="StartTimeout"/>.</summary>
    public static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(10);

    /// <summary>Where the ledgers of a process on its own keep their state; not used in a cluster. Default <c>admission-data</c>.</summary>
    public string DataFolder { get; init; } = "admission-data";

    /// <summary>How long the start of the program waits for the ledgers before it goes on without them. 0 to 10 min; default 10 s.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The program's name among the holders; null for the machine's.</summary>
    public string? HolderName { get; init; }

    /// <summary>The policies, by the backend's id.</summary>
    public required IReadOnlyDictionary<string, BackendPolicy> Backends { get; init; }
}
