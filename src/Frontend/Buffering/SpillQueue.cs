using System.Buffers;
using System.Diagnostics;
using System.Numerics;
using Admission.Frontend.Configuration;
using Microsoft.Win32.SafeHandles;

namespace Admission.Frontend.Buffering;

/// <summary>What became of an append.</summary>
internal enum Appended
{
    /// <summary>It is in the queue.</summary>
    Done,

    /// <summary>The body's own bound is reached.</summary>
    OverBound,

    /// <summary>The gateway's buffers are full, or the disk is.</summary>
    NoRoom,
}

/// <summary>
/// Bytes of one body, first in first out: in memory to a bound, then in a file to another.
/// </summary>
/// <remarks>
/// One writer and one reader, which may be on different threads: everything is under <see cref="_gate"/>, file access too, because it goes to the page cache.
/// What is in memory is always older than what is in the file: while the file has unread bytes, new ones go there. The file is a ring: positions in it only
/// grow, and where a byte is follows modulo <see cref="BufferSettings.Max"/>. As at most so many bytes are unread, none is overwritten.
/// </remarks>
internal sealed class SpillQueue(BufferSettings settings, Buffers buffers) : IDisposable
{
    private const int SmallestSegment = 4 << 10;
    private const int MostDoublings = 4; // up to 64 KiB

    private readonly Lock _gate = new();
    private readonly Queue<Segment> _segments = new();
    private Segment? _last;
    private SafeFileHandle? _file;
    private long _fileStart;
    private long _fileEnd;
    private long _inMemory;
    private bool _disposed;

    /// <summary>Unread bytes.</summary>
    public long Length
    {
        get
        {
            lock (_gate)
            {
                return _inMemory + _fileEnd - _fileStart;
            }
        }
    }

    /// <summary>Appends all of the data, or nothing.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public Appended TryAppend(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return Appended.NoRoom;
            }

            if (data.IsEmpty)
            {
                return Appended.Done;
            }

            if (_inMemory + _fileEnd - _fileStart + data.Length > settings.Max)
            {
                return Appended.OverBound;
            }

            if (_fileStart == _fileEnd && _inMemory + data.Length <= settings.Memory && TryAppendMemory(data))
            {
                return Appended.Done;
            }

            return TryAppendFile(data) ? Appended.Done : Appended.NoRoom;
        }
    }

    /// <summary>Takes what fits into the target; 0 when there is nothing.</summary>
    public int Read(Span<byte> target)
    {
        lock (_gate)
        {
            if (_segments.TryPeek(out var segment))
            {
                return ReadMemory(segment, target);
            }

            return _fileStart < _fileEnd ? ReadFile(target) : 0;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            while (_segments.TryDequeue(out var segment))
            {
                Return(segment);
            }

            _inMemory = 0;
            _last = null;
            ResetFile();
            _file?.Dispose();
            _file = null;
        }
    }

    private bool TryAppendMemory(ReadOnlySpan<byte> data)
    {
        var tail = _last is { } last ? last.Array.Length - last.End : 0;
        Segment? added = null;
        if (data.Length > tail)
        {
            var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(data.Length - tail, SmallestSegment << Math.Min(_segments.Count, MostDoublings), int.MaxValue >> 1));
            if (!buffers.TryTakeMemory(size))
            {
                return false;
            }

            added = new Segment(ArrayPool<byte>.Shared.Rent(size), size);
        }

        _inMemory += data.Length;
        if (tail > 0)
        {
            var first = data[..Math.Min(tail, data.Length)];
            first.CopyTo(_last!.Array.AsSpan(_last.End));
            _last.End += first.Length;
            data = data[first.Length..];
        }

        if (added is not null)
        {
            data.CopyTo(added.Array);
            added.End = data.Length;
            _segments.Enqueue(added);
            _last = added;
        }

        return true;
    }

    private int ReadMemory(Segment segment, Span<byte> target)
    {
        var count = Math.Min(target.Length, segment.End - segment.Start);
        segment.Array.AsSpan(segment.Start, count).CopyTo(target);
        segment.Start += count;
        _inMemory -= count;
        Debug.Assert(_inMemory >= 0, "More was read than written.");
        if (segment.Start == segment.End)
        {
            _ = _segments.Dequeue();
            _last = _segments.Count == 0 ? null : _last;
            Return(segment);
        }

        return count;
    }

    private bool TryAppendFile(ReadOnlySpan<byte> data)
    {
        if (!buffers.TryTakeDisk(data.Length))
        {
            return false;
        }

        try
        {
            _file ??= buffers.TryOpenFile();
            if (_file is null)
            {
                buffers.ReturnDisk(data.Length);
                return false;
            }

            var offset = _fileEnd % settings.Max;
            var untilWrap = (int)Math.Min(data.Length, settings.Max - offset);
            RandomAccess.Write(_file, data[..untilWrap], offset);
            if (untilWrap < data.Length)
            {
                RandomAccess.Write(_file, data[untilWrap..], 0);
            }
        }
        catch (IOException exception)
        {
            buffers.ReturnDisk(data.Length);
            buffers.ReportWriteFailure(exception);
            return false;
        }

        _fileEnd += data.Length;
        Debug.Assert(RandomAccess.GetLength(_file) <= settings.Max, "The ring has outgrown its bound.");
        return true;
    }

    private int ReadFile(Span<byte> target)
    {
        var offset = _fileStart % settings.Max;
        var wanted = (int)Math.Min(target.Length, Math.Min(_fileEnd - _fileStart, settings.Max - offset));
        var count = RandomAccess.Read(_file!, target[..wanted], offset);
        if (count == 0 && wanted > 0)
        {
            throw new EndOfStreamException("The buffer's file has become shorter.");
        }

        _fileStart += count;
        buffers.ReturnDisk(count);
        if (_fileStart == _fileEnd)
        {
            ResetFile();
        }

        return count;
    }

    private void ResetFile()
    {
        if (_fileEnd > 0)
        {
            buffers.ReturnDisk(_fileEnd - _fileStart);
            RandomAccess.SetLength(_file!, 0);
            _fileStart = 0;
            _fileEnd = 0;
        }
    }

    private void Return(Segment segment)
    {
        buffers.ReturnMemory(segment.Charged);
        ArrayPool<byte>.Shared.Return(segment.Array);
    }

    private sealed class Segment(byte[] array, int charged)
    {
        public byte[] Array { get; } = array;

        public int Charged { get; } = charged;

        public int Start { get; set; }

        public int End { get; set; }
    }
}
