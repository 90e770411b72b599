using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Orleans.Fallback.Serialization;
using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <summary>How frames are written and read.</summary>
internal static class Frames
{
    /// <summary>A frame with this header and, where there is a slot, this body.</summary>
    public static FrameBuffer Write(MessageSerializer serializer, NetworkLimits limits, FrameHeader header, Slot? slot = null, object? value = null)
    {
        var frame = new FrameBuffer(limits);
        try
        {
            WriteHeader(frame, serializer, header);
            if (slot is not null)
            {
                serializer.Write(frame, slot, value);
            }

            frame.Complete();
            return frame;
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    public static void WriteHeader(FrameBuffer frame, MessageSerializer serializer, FrameHeader header)
    {
        serializer.Write(frame, serializer.SlotOf(typeof(FrameHeader)), header);
        frame.EndHeader();
    }

    /// <summary>Takes a frame off the buffer, if it has come as a whole.</summary>
    /// <exception cref="OrleansException">It is larger than allowed.</exception>
    public static bool TryRead(
        ref ReadOnlySequence<byte> buffer, LinkContext context, [NotNullWhen(true)] out FrameHeader? header, out ReadOnlySequence<byte> body) =>
        TryRead(ref buffer, context.Serializer, context.Limits, out header, out body);

    /// <inheritdoc cref="TryRead(ref ReadOnlySequence{byte}, LinkContext, out FrameHeader?, out ReadOnlySequence{byte})"/>
    public static bool TryRead(
        ref ReadOnlySequence<byte> buffer,
        MessageSerializer serializer,
        NetworkLimits limits,
        [NotNullWhen(true)] out FrameHeader? header,
        out ReadOnlySequence<byte> body)
    {
        header = null;
        body = default;
        if (buffer.Length < FrameBuffer.Prefix)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[FrameBuffer.Prefix];
        buffer.Slice(0, FrameBuffer.Prefix).CopyTo(prefix);
        var headerLength = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        var bodyLength = BinaryPrimitives.ReadInt32LittleEndian(prefix[4..]);
        limits.CheckHeader(headerLength);
        limits.CheckBody(bodyLength);
        if (buffer.Length < FrameBuffer.Prefix + (long)headerLength + bodyLength)
        {
            return false;
        }

        var headerBytes = buffer.Slice(FrameBuffer.Prefix, headerLength);
        body = buffer.Slice(headerBytes.End, bodyLength);
        buffer = buffer.Slice(body.End);
        header = (FrameHeader?)serializer.Read(headerBytes, serializer.SlotOf(typeof(FrameHeader)))
            ?? throw new OrleansException("A message has no header.");
        return true;
    }
}
