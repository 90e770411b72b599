using Polly;

namespace Admission.Decision;

internal sealed class LimiterStrategyOptions : ResilienceStrategyOptions;
