using Admission.Decision;
using BenchmarkDotNet.Running;

BenchmarkRunner.Run<AdmitAndRelease>(args: args);
