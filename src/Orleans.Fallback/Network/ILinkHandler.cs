using System.Buffers;
using Orleans.Fallback.Messages;

namespace Orleans.Fallback.Network;

/// <summary>What a connection tells the rest of the engine.</summary>
internal interface ILinkHandler
{
    /// <summary>A request came. Throws only when the peer breaks the protocol.</summary>
    void OnRequest(Link link, FrameHeader header, in ReadOnlySequence<byte> body);

    /// <summary>A frame came that is neither a request nor an answer to one.</summary>
    void OnFrame(Link link, FrameHeader header);

    /// <summary>A request was not sent, and must go another way or fail.</summary>
    void OnNotSent(Link link, Request request, Exception cause);
}
