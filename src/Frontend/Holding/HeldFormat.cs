using System.Buffers;
using Microsoft.Net.Http.Headers;

namespace Admission.Frontend.Holding;

/// <summary>What goes over a held connection in one format. Has no state.</summary>
/// <param name="contentType">What is promised before the outcome is known.</param>
internal abstract class HeldFormat(string contentType)
{
    /// <summary>So many bytes at the start of an answer tell how it is passed on, at most.</summary>
    public const int LongestStart = 1024;

    /// <summary>The <c>Content-Type</c> that is sent.</summary>
    public string ContentType { get; } = contentType;

    /// <summary>What goes out first.</summary>
    public abstract ReadOnlySpan<byte> Begin { get; }

    /// <summary>What keeps the connection alive.</summary>
    public abstract ReadOnlySpan<byte> Heartbeat { get; }

    /// <summary>Whether the client is told of its ticket.</summary>
    public virtual bool TellsTicket => false;

    /// <summary>Whether an answer of this type goes on as it is.</summary>
    /// <param name="type">The answer's type.</param>
    protected abstract bool Takes(MediaTypeHeaderValue type);

    /// <summary>Looks at an answer's first bytes, and says what of it goes on as it is.</summary>
    /// <param name="first">What has come of it, from its start.</param>
    /// <param name="isAll">Nothing more comes.</param>
    /// <param name="skipped">Bytes at the start that are left out.</param>
    public abstract StartOf Examine(ReadOnlySpan<byte> first, bool isAll, out int skipped);

    /// <summary>Writes an outcome that does not go on as it is.</summary>
    /// <param name="output">Takes it.</param>
    /// <param name="answer">The outcome.</param>
    public abstract void Write(IBufferWriter<byte> output, HeldAnswer answer);

    /// <summary>Whether an answer goes on as it is, by its status and headers: what cannot be said after 200 any more must be told in words.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="headers">Its headers.</param>
    public bool Fits(int status, IHeaderDictionary headers) =>
        status is >= 200 and <= 203
        && (headers.ContentEncoding.Count == 0 || headers.ContentEncoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
        && MediaTypeHeaderValue.TryParse(headers.ContentType.ToString(), out var type)
        && Takes(type)
        && (!type.Charset.HasValue || IsUtf8(type.Charset.Value));

    /// <summary>Whether text in this character set is UTF-8.</summary>
    protected static bool IsUtf8(string charset) =>
        charset.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase) || charset.Trim('"').Equals("us-ascii", StringComparison.OrdinalIgnoreCase);

    /// <summary>Looks for a mark of the byte order: UTF-8's is left out, for it may only stand at the very start; another one says that this is not UTF-8.</summary>
    protected static StartOf ExamineMark(ReadOnlySpan<byte> first, bool isAll, out int skipped)
    {
        skipped = 0;
        if (first.StartsWith(Mark))
        {
            skipped = Mark.Length;
            return StartOf.Fits;
        }

        if (first.Length >= 2 && (first[0], first[1]) is (0xFE, 0xFF) or (0xFF, 0xFE) or (0, _) or (_, 0))
        {
            return StartOf.Differs;
        }

        return first.Length >= Mark.Length || !Mark.StartsWith(first) ? StartOf.Fits : isAll ? StartOf.Differs : StartOf.Open;
    }

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];
}

/// <summary>What the start of an answer says.</summary>
internal enum StartOf
{
    /// <summary>More of it has to come.</summary>
    Open,

    /// <summary>It goes on as it is.</summary>
    Fits,

    /// <summary>It cannot.</summary>
    Differs,
}
