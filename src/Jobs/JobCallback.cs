using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Admission.Jobs;

/// <summary>A finished job whose client wants to be told.</summary>
internal sealed class JobCallback
{
    /// <summary>How long a finished job is kept for its callback's sake, beyond its own time: whoever has not been told by then is not told any more.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromDays(1);

    /// <summary>How long a job is kept at least from when its client has been told: it will come for the result.</summary>
    public static TimeSpan KeptAfter { get; } = TimeSpan.FromMinutes(10);

    public string Id { get; init; } = "";

    public string Backend { get; init; } = "";

    public JobState State { get; init; }

    /// <summary>Where to send it.</summary>
    public string Url { get; init; } = "";

    /// <summary>Who receives it: how the address begins, up to the slash after host and port. Those with the same one wait for each other.</summary>
    public string Receiver => Uri.TryCreate(Url, UriKind.Absolute, out var address) ? address.GetLeftPart(UriPartial.Authority) + "/" : Url;

    /// <summary>How often it has been tried, this time included.</summary>
    public int Tries { get; init; }

    public int? Status { get; init; }

    public long FinishedAt { get; init; }

    /// <summary>What is sent: how the job ended, and where its result is. The result itself is fetched by whoever wants it.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            id = Id, backend = Backend, state = State == JobState.Done ? "done" : "dead", status = Status, finished = DateTimeOffset.FromUnixTimeMilliseconds(FinishedAt),
            result = $"/admission/v1/jobs/{Id}/result",
        },
        JobJson.Options);

    /// <summary>The signature: <c>t=</c> the time, <c>v1=</c> HMAC-SHA256 over the time, a dot and the body. Whoever checks the time too cannot be sent an old one again.</summary>
    public static string Sign(string key, DateTimeOffset time, ReadOnlySpan<byte> body)
    {
        var seconds = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(key));
        hash.AppendData(Encoding.ASCII.GetBytes(seconds + "."));
        hash.AppendData(body);
        return $"t={seconds},v1={Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}
