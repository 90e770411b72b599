using System.Text.Json;

namespace Admission.Handover;

/// <summary>What a frontend is told. Timestamps are those of <see cref="System.Diagnostics.Stopwatch"/>, whose clock all processes of a machine share.</summary>
/// <param name="Semaphore">Which one.</param>
/// <param name="Port">Of the silo's gateway, or of Redis.</param>
/// <param name="Lanes">Permits of one semaphore each, at which turns are taken independently: several where a hand-over takes long.</param>
/// <param name="Hold">How long a turn lasts at least, in milliseconds.</param>
/// <param name="Spread">By how much it may be longer, at random.</param>
/// <param name="Pause">How long after its turn a frontend asks again, in milliseconds: less than a turn of the other, so that it waits when that ends.</param>
/// <param name="From">Turns before are to warm up.</param>
/// <param name="Until">No turn begins after this.</param>
/// <param name="File">Where the turns are left.</param>
internal sealed record FrontendSettings(string Semaphore, int Port, int Lanes, int Hold, int Spread, int Pause, long From, long Until, string File)
{
    public static FrontendSettings Parse(string text) =>
        JsonSerializer.Deserialize<FrontendSettings>(text) ?? throw new InvalidDataException("No settings.");

    public string ToText() => JsonSerializer.Serialize(this);
}
