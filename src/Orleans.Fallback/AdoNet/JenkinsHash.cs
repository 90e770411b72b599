using System.Buffers.Binary;

namespace Orleans.Fallback.AdoNet;

/// <summary>Bob Jenkins' hash of 1996 ("evahash"), by which Orleans finds rows of <c>OrleansStorage</c>: words of three times four bytes, little end first.</summary>
internal static class JenkinsHash
{
    private const uint Golden = 0x9e3779b9;
    private const int Block = 12;

    public static int Compute(ReadOnlySpan<byte> data)
    {
        var (a, b, c) = (Golden, Golden, 0u);
        var rest = data;
        for (; rest.Length >= Block; rest = rest[Block..])
        {
            a += BinaryPrimitives.ReadUInt32LittleEndian(rest);
            b += BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            c += BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]);
            Mix(ref a, ref b, ref c);
        }

        // What is left, filled with zeros; the lowest byte of the third word is the length's.
        Span<byte> last = stackalloc byte[Block];
        last.Clear();
        rest[..Math.Min(rest.Length, 8)].CopyTo(last);
        if (rest.Length > 8)
        {
            rest[8..].CopyTo(last[9..]);
        }

        a += BinaryPrimitives.ReadUInt32LittleEndian(last);
        b += BinaryPrimitives.ReadUInt32LittleEndian(last[4..]);
        c += BinaryPrimitives.ReadUInt32LittleEndian(last[8..]) + (uint)data.Length;
        Mix(ref a, ref b, ref c);
        return (int)c;
    }

    private static void Mix(ref uint a, ref uint b, ref uint c)
    {
        Turn(ref a, b, c, c >> 13);
        Turn(ref b, c, a, a << 8);
        Turn(ref c, a, b, b >> 13);
        Turn(ref a, b, c, c >> 12);
        Turn(ref b, c, a, a << 16);
        Turn(ref c, a, b, b >> 5);
        Turn(ref a, b, c, c >> 3);
        Turn(ref b, c, a, a << 10);
        Turn(ref c, a, b, b >> 15);
    }

    private static void Turn(ref uint x, uint y, uint z, uint shifted) => x = (x - y - z) ^ shifted;
}
