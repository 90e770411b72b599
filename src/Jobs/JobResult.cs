using System.Text.Json;

namespace Admission.Jobs;

/// <summary>An answer as it is stored.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Headers">Its headers, without those that belong to the connection.</param>
/// <param name="Body">Its body.</param>
internal sealed record JobResult(int Status, IReadOnlyDictionary<string, string?[]> Headers, byte[] Body)
{
    /// <summary>The headers as bytes for the store.</summary>
    public byte[] HeadersToBytes() => JsonSerializer.SerializeToUtf8Bytes(Headers, JobJson.Options);

    /// <summary>Reads what <see cref="HeadersToBytes"/> has written.</summary>
    public static IReadOnlyDictionary<string, string?[]> ParseHeaders(byte[] bytes) =>
        JsonSerializer.Deserialize<Dictionary<string, string?[]>>(bytes, JobJson.Options) ?? [];
}
