using System.Buffers;
using System.Buffers.Binary;

namespace Orleans.Fallback.Network;

/// <summary>One frame as bytes: the lengths of header and body (4 bytes each, little-endian), the header, the body.</summary>
internal sealed class FrameBuffer(NetworkLimits limits) : IBufferWriter<byte>, IDisposable
{
    /// <summary>The two lengths.</summary>
    public const int Prefix = 8;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(512);
    private int _written = Prefix;
    private int _headerEnd;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _written);

    public int Length => _written;

    /// <summary>The header is written; what follows is the body.</summary>
    public void EndHeader() => _headerEnd = _written;

    /// <summary>All is written.</summary>
    public void Complete()
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes, _headerEnd - Prefix);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(4), _written - _headerEnd);
    }

    public void Advance(int count)
    {
        _written += count;
        if (_headerEnd == 0)
        {
            limits.CheckHeader(_written - Prefix);
        }
        else
        {
            limits.CheckBody(_written - _headerEnd);
        }
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_written);
    }

    public void Dispose()
    {
        var bytes = _bytes;
        _bytes = [];
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void Reserve(int sizeHint)
    {
        var wanted = _written + Math.Max(sizeHint, 1);
        if (wanted <= _bytes.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(wanted, (int)Math.Min(2L * _bytes.Length, Array.MaxLength)));
        _bytes.AsSpan(0, _written).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
