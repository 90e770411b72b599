using System.Text.Json;

namespace Admission.Jobs;

/// <summary>A request as it is stored, without its body: what the gateway needs to forward it as it would have forwarded the live one.</summary>
internal sealed record StoredRequest
{
    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>The scheme and the host that the client asked.</summary>
    public required string Scheme { get; init; }

    /// <inheritdoc cref="Scheme"/>
    public required string Host { get; init; }

    /// <summary>The path, below <see cref="PathBase"/>, and the query with its question mark.</summary>
    public required string Path { get; init; }

    /// <inheritdoc cref="Path"/>
    public string PathBase { get; init; } = "";

    /// <inheritdoc cref="Path"/>
    public string Query { get; init; } = "";

    /// <summary>YARP's route, whose transforms apply.</summary>
    public required string Route { get; init; }

    /// <summary>The values that the route's pattern found in the path.</summary>
    public IReadOnlyDictionary<string, string>? RouteValues { get; init; }

    /// <summary>The headers, without those that belong to the connection.</summary>
    public required IReadOnlyDictionary<string, string?[]> Headers { get; init; }

    /// <summary>The client's address.</summary>
    public string? RemoteAddress { get; init; }

    /// <summary>Permits that it takes.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>How long it may run, in milliseconds; the policy's <c>RunTimeout</c> holds too.</summary>
    public long RunTimeout { get; init; }

    /// <summary>As bytes for the store.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, JobJson.Options);

    /// <summary>Reads what <see cref="ToBytes"/> has written.</summary>
    public static StoredRequest Parse(byte[] bytes) =>
        JsonSerializer.Deserialize<StoredRequest>(bytes, JobJson.Options) ?? throw new InvalidDataException("A stored request is empty.");
}
