using System.Collections.Frozen;
using Admission.Capacity;
using Admission.Frontend.Classification;
using Admission.Frontend.Holding;
using Admission.Frontend.Recording;
using Admission.Jobs;
using Admission.Security.Configuration;
using Admission.Telemetry;

namespace Admission.Frontend.Configuration;

/// <summary>The section <c>Admission</c>, read and checked. docs/configuration.md lists every setting.</summary>
internal sealed record AdmissionSettings
{
    /// <summary>The folder for state and buffers. Default <c>admission-data</c> in the working folder.</summary>
    public string? DataFolder { get; init; }

    /// <summary>How long a shutdown waits for requests in flight. 0 to 1 hour; default 30 s.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Memory that all buffers together may take; what is beyond goes to disk. 0 to 1 TiB; default 256 MiB.</summary>
    public long BufferMemory { get; init; } = 256L << 20;

    /// <summary>Disk that all buffers together may take. 0 to 1 PiB; default 10 GiB.</summary>
    public long BufferDisk { get; init; } = 10L << 30;

    /// <summary>Where arrivals are recorded; null (the default) for nowhere.</summary>
    public RecorderSettings? Recorder { get; init; }

    /// <summary>What is shown and exported of metrics and traces. Read at start.</summary>
    public TelemetrySettings Telemetry { get; init; } = new();

    /// <summary>Who may. A change of its keys is applied live.</summary>
    public SecuritySettings Security { get; init; } = new();

    /// <summary>Long polls and event streams about jobs that are open at once, at one gateway. 0 to 1,000,000; default 10,000.</summary>
    public int MaxWatching { get; init; } = 10_000;

    /// <summary>The backends by cluster id.</summary>
    public FrozenDictionary<string, BackendSettings> Backends { get; init; } = FrozenDictionary<string, BackendSettings>.Empty;
}

/// <summary>One backend: its policy, and what the gateway does with bodies.</summary>
/// <param name="ClusterId">YARP's cluster.</param>
/// <param name="Policy">What its ledger enforces.</param>
/// <param name="RequestBuffer">Request bodies.</param>
/// <param name="ResponseBuffer">Response bodies.</param>
internal sealed record BackendSettings(string ClusterId, BackendPolicy Policy, BufferSettings RequestBuffer, BufferSettings ResponseBuffer)
{
    /// <summary>How its requests are told apart. Default: not at all.</summary>
    public ClassifySettings Classify { get; init; } = ClassifySettings.Nothing;

    /// <summary>What becomes of requests that can run later; null (the default) where none are stored.</summary>
    public JobPolicy? Jobs { get; init; }

    /// <summary>Whether and how connections are kept alive, for the routes that do not say it themselves. Default: not.</summary>
    public HoldSettings Hold { get; init; } = HoldSettings.Default;

    /// <summary>What one destination can do, where all have the same limit (<c>DestinationLimit</c>); else null.</summary>
    public int? DestinationLimit { get; init; }

    /// <summary>Which rule has given the limit, in words, where a profile had a say; else null.</summary>
    public string? LimitRule { get; init; }

    /// <summary>Whether the policy is enforced. Default true; false with <c>Shadow</c>: it is only decided, nothing is refused or delayed, and the backend is not protected.</summary>
    public bool IsEnforced { get; init; } = true;

    /// <summary>What is decided in shadow: the policy itself where it is not enforced, or the <c>Proposed</c> one beside it; null (the default) for nothing.</summary>
    public BackendPolicy? ShadowPolicy { get; init; }
}

/// <summary>The bounds of one body's buffer.</summary>
/// <param name="Enabled">Whether bodies are buffered. Default true; a route can turn it off.</param>
/// <param name="Memory">Bytes of one body held in memory. 0 to 1 GiB; default 64 KiB for requests, 256 KiB for responses.</param>
/// <param name="Max">Bytes of one body held in all; what is beyond <paramref name="Memory"/> is on disk. Default 64 MiB for requests, 16 MiB for responses.</param>
internal sealed record BufferSettings(bool Enabled, long Memory, long Max)
{
    public static BufferSettings DefaultRequest { get; } = new(Enabled: true, 64L << 10, 64L << 20);

    public static BufferSettings DefaultResponse { get; } = new(Enabled: true, 256L << 10, 16L << 20);
}
