namespace Admission.Frontend.Recording;

/// <summary>Where arrivals are recorded, for <c>admission simulate</c>.</summary>
/// <param name="File">The file; one that is there is continued.</param>
/// <param name="MaxBytes">The file's bound: at it the recording ends. 4 KiB to 1 TiB; default 64 MiB.</param>
/// <param name="HashTenants">Whether tenants are written as keyed hashes. Default false.</param>
/// <param name="HashKey">The key of the hashes, so that several gateways write one tenant alike; null (the default) for a random one for each recording.</param>
internal sealed record RecorderSettings(string File, long MaxBytes, bool HashTenants, string? HashKey);
