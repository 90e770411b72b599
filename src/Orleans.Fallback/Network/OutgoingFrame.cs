using Orleans.Fallback.Messages;

namespace Orleans.Fallback.Network;

/// <summary>A frame that waits to be sent.</summary>
/// <param name="Buffer">Its bytes.</param>
/// <param name="Id">The id of the answer that is waited for; 0 for none.</param>
/// <param name="Request">The request in it, which may be cancelled or go another way until it is sent; null for other frames.</param>
internal sealed record OutgoingFrame(FrameBuffer Buffer, long Id = 0, Request? Request = null);
